"""What the clients over aiohttp share: one attempt, one deadline, a bounded body."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from yarl import URL

from steersman import __version__
from steersman.clients.measure import Observe, measured, unobserved
from steersman.clients.unreadable import unreadable
from steersman.model.errors import OutsideError, UnreachableError

USER_AGENT = f"steersman/{__version__}"
CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status. `asked` is what was asked for, as errors tell it."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    asked: str = "an answer"

    def json(self) -> Any:
        """The body, or an OutsideError."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            message = f"{self.asked}: {self.status} with a body that is not JSON"
            raise unreadable(message) from error

    def object(self) -> dict[str, Any]:
        """The body as a JSON object, or an OutsideError."""
        value = self.json()
        if not isinstance(value, dict):
            message = f"{self.asked}: {self.status} with a body that is not a JSON object"
            raise unreadable(message)
        return value

    @property
    def complaint(self) -> str:
        """The words of `{"error": {"message": ...}}`, which fleet's refusals hold as ours do;
        empty: there are none."""
        try:
            error = self.object().get("error")
        except OutsideError:
            return ""
        words = error.get("message") if isinstance(error, dict) else None
        return str(words or "")


class Http:
    """Requests to one system, each tried once.

    `socket_path` sends them all through a unix socket. Connections are not kept: one that the
    other side has meanwhile closed would fail a request that is tried only once.
    """

    def __init__(
        self,
        backend: str,
        *,
        body_bytes_max: int,
        socket_path: str | None = None,
        observe: Observe = unobserved,
    ) -> None:
        self._backend = backend
        self._body_bytes_max = body_bytes_max
        self._socket_path = socket_path
        self._observe = observe
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self, method: str, url: str, *, timeout_seconds: float, body: object = None
    ) -> Answer:
        """Any answer is returned; UnreachableError when there is none in time."""
        applied = applied_by(method)
        with measured(self._observe, self._backend, method) as call:
            try:
                async with asyncio.timeout(timeout_seconds):
                    answer = await self._exchange(method, url, body)
            except TimeoutError as error:
                message = f"{method} {url}: no answer within {timeout_seconds:.3g} s"
                raise UnreachableError(message, code="timeout", applied=applied) from error
            except aiohttp.ClientConnectorError as error:  # nothing was sent
                message = f"{method} {url}: {error.os_error}"
                raise UnreachableError(message, code="refused", applied=False) from error
            except (aiohttp.ClientError, OSError, ValueError) as error:
                message = f"{method} {url}: {type(error).__name__}: {error}"
                raise UnreachableError(message, code="broken", applied=applied) from error
            call.code = str(answer.status)
        return answer

    async def _exchange(self, method: str, url: str, body: object) -> Answer:
        async with self._open_session().request(
            method, URL(url, encoded=True), json=body, allow_redirects=False
        ) as response:
            content = await read_body(response, self._body_bytes_max)
            return Answer(response.status, content, response.headers, f"{method} {url}")

    def _open_session(self) -> aiohttp.ClientSession:
        """Opened at the first request: a session belongs to the loop that runs then."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=self._connector(),
                headers={"User-Agent": USER_AGENT},
                timeout=aiohttp.ClientTimeout(),  # each request has a deadline of its own
                middlewares=(send_once,),
            )
        return self._session

    def _connector(self) -> aiohttp.BaseConnector:
        if self._socket_path is None:
            return aiohttp.TCPConnector(force_close=True)
        return aiohttp.UnixConnector(self._socket_path, force_close=True)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


async def read_body(response: aiohttp.ClientResponse, bytes_max: int) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
        content += chunk
        if len(content) > bytes_max:
            message = f"{response.method} {response.url}: a body of more than {bytes_max} bytes"
            raise unreadable(message, applied=applied_by(response.method))
    return bytes(content)


async def send_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """A middleware against a blind retry: aiohttp sends GET, PUT and DELETE again by itself when
    a connection breaks, though the first may have been applied, unless the error is of another
    kind by then."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        message = f"the connection broke: {error}"
        raise aiohttp.ClientPayloadError(message) from error


def applied_by(method: str) -> bool | None:
    """What can be said of a request without a whole answer: a read changes nothing in any case."""
    return False if method == "GET" else None
