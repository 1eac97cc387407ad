"""The daemon's own API, as the commands read it."""

from collections.abc import Mapping
from typing import Any

from steersman.clients.http import Answer, Http
from steersman.clients.unreadable import unreadable
from steersman.model.errors import ErrorClass, OutsideError, UnreachableError

BACKEND = "daemon"
REQUEST_TIMEOUT_SECONDS = 10.0
BODY_BYTES_MAX = 64 * 1024 * 1024  # ten thousand resources with their statuses
QUOTED_BYTES = 200
OK = 200
NOT_FOUND = 404
FAILING = 503  # the health pages say so, with a body that tells why


class DaemonClient:
    """Changes nothing; each request is tried once. ValueError: a URL that names no daemon."""

    def __init__(self, url: str, *, timeout_seconds: float = REQUEST_TIMEOUT_SECONDS) -> None:
        if not url.startswith(("http://", "https://")):
            message = f"{url!r} is no daemon: expected http://HOST:PORT"
            raise ValueError(message)
        self._url = url.rstrip("/")
        self._timeout_seconds = timeout_seconds
        self._http = Http(BACKEND, body_bytes_max=BODY_BYTES_MAX)

    async def get(self, path: str) -> Any:
        """The JSON at a path of the API; None: what the path names is not there."""
        answer = await self._ask(path)
        if answer.status == NOT_FOUND:
            return None
        if answer.status != OK:
            raise _refused(self._url + path, answer)
        return answer.json()

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON that a question with a body is answered with."""
        answer = await self._ask(path, body)
        if answer.status != OK:
            raise _refused(self._url + path, answer)
        return answer.json()

    async def checks(self, path: str) -> list[dict[str, Any]]:
        """The checks of /healthz or /readyz, whether they pass or not."""
        answer = await self._ask(path)
        if answer.status not in (OK, FAILING):
            raise _refused(self._url + path, answer)
        checks = answer.object().get("checks")
        if not isinstance(checks, list) or not all(map(_is_check, checks)):
            message = f"{self._url}{path} answers with checks that are none"
            raise unreadable(message)
        return checks

    async def close(self) -> None:
        await self._http.close()

    async def _ask(self, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        try:
            return await self._http.request(
                "GET" if body is None else "POST",
                self._url + path,
                timeout_seconds=self._timeout_seconds,
                body=body,
            )
        except UnreachableError as error:
            message = f"the daemon at {self._url} does not answer: {error.message}"
            raise UnreachableError(message, code=error.code, applied=False) from error


def _is_check(value: object) -> bool:
    return isinstance(value, dict) and {"name", "ok", "ageSeconds"} <= value.keys()


def _refused(url: str, answer: Answer) -> OutsideError:
    """In the daemon's own words; what else may answer there is quoted."""
    words = answer.complaint or answer.body[:QUOTED_BYTES].decode(errors="replace")
    kind = ErrorClass.INVALID if 400 <= answer.status < 500 else ErrorClass.TRANSIENT
    return OutsideError(kind, str(answer.status), f"{url} answers {answer.status}: {words}")
