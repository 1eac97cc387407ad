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
from steersman.model.errors import UnreachableError

USER_AGENT = f"steersman/{__version__}"
CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def object(self) -> dict[str, Any]:
        """The body as a JSON object, or an OutsideError."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            message = f"{self.status} with a body that is not JSON"
            raise unreadable(message) from error
        if not isinstance(value, dict):
            message = f"{self.status} with a body that is not a JSON object"
            raise unreadable(message)
        return value


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
        write = method != "GET"
        with measured(self._observe, self._backend, method) as call:
            try:
                async with asyncio.timeout(timeout_seconds):
                    answer = await self._exchange(method, url, body)
            except TimeoutError as error:
                message = f"{method} {url}: no answer within {timeout_seconds:.3g} s"
                raise UnreachableError(message, code="timeout", applied=_applied(write)) from error
            except aiohttp.ClientConnectorError as error:  # nothing was sent
                message = f"{method} {url}: {error.os_error}"
                raise UnreachableError(message, code="refused", applied=False) from error
            except (aiohttp.ClientError, OSError, ValueError) as error:
                message = f"{method} {url}: {type(error).__name__}: {error}"
                raise UnreachableError(message, code="broken", applied=_applied(write)) from error
            call.code = str(answer.status)
        return answer

    async def _exchange(self, method: str, url: str, body: object) -> Answer:
        async with self._open_session().request(
            method, URL(url, encoded=True), json=body, allow_redirects=False
        ) as response:
            content = await read_body(response, self._body_bytes_max)
            return Answer(response.status, content, response.headers)

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
            message = f"a body of more than {bytes_max} bytes"
            raise unreadable(message, applied=None)
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


def _applied(write: bool) -> bool | None:
    return None if write else False
