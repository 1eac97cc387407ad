"""HTTP to the endpoints of one etcd v2: requests, failover, and what its errors mean."""

import asyncio
import json
import re
import ssl
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
from yarl import URL

from steersman.clients.etcd_access import Access, no_tls
from steersman.clients.http import applied_by, read_body, send_once
from steersman.clients.unreadable import unreadable
from steersman.model.errors import ErrorClass, OutsideError, UnreachableError

KEY_NOT_FOUND = "100"
COMPARE_FAILED = "101"
NODE_EXISTS = "105"
EVENT_INDEX_CLEARED = "401"
_NO_ANSWER = frozenset({"300", "301", "400"})  # raft error, no leader, a member that restarts
_NOT_LET_IN = frozenset({"110"})
_NOT_LET_IN_STATUS = frozenset({401, 403})
_SERVER_ERROR = 500
_BODY_BYTES_MAX = 256 * 1024 * 1024  # a listing of everything that etcd is made to hold
_WORDS_CHARACTERS_MAX = 500
_INDEX = re.compile(r"[0-9]{1,18}")
# A poll that was left over TLS says goodbye, and an older asyncio waits for the server's answer.
_TLS_LINGERS = sys.version_info < (3, 12, 7)
_NO_INDEX = 0
_QUORUM = {"quorum": "true"}
# Asking for a key that is never there costs the members an agreement, and the network nothing.
_NO_SUCH_KEY = "/_steersman-quorum"


class RefusedError(OutsideError):
    """An answer of etcd with an errorCode. `index` is the store's at that moment."""

    def __init__(self, code: str, message: str, index: int) -> None:
        kind = ErrorClass.DENIED if code in _NOT_LET_IN else ErrorClass.INVALID
        super().__init__(kind, code, message)
        self.index = index


@dataclass(frozen=True, slots=True)
class Reply:
    """`index` is the store's, for a poll as of its start. A poll without an event has no body."""

    body: Mapping[str, Any]
    index: int


class KeysApi:
    """Requests go to one endpoint until it does not answer, then to the next."""

    def __init__(
        self, endpoints: Sequence[str], access: Access, request_timeout_seconds: float
    ) -> None:
        self._endpoints = tuple(endpoints)
        self._access = access
        self._timeout_seconds = request_timeout_seconds
        self._current = 0
        self._session: aiohttp.ClientSession | None = None
        self.closed = False

    @property
    def endpoint(self) -> str:
        return self._endpoints[self._current]

    def leave(self, endpoint: str) -> None:
        """Use the next endpoint, unless somebody else has already moved on."""
        if self.endpoint == endpoint:
            self._current = (self._current + 1) % len(self._endpoints)

    async def read(self, key: str, **params: str) -> Reply:
        """What a majority agrees on; every endpoint is asked once until one answers."""
        for _ in self._endpoints[1:]:
            endpoint = self.endpoint
            try:
                return await self._request("GET", key, _QUORUM | params, {})
            except UnreachableError:
                self.leave(endpoint)
        return await self._request("GET", key, _QUORUM | params, {})

    async def write(
        self, method: str, key: str, params: Mapping[str, str], form: Mapping[str, str]
    ) -> Reply:
        """One attempt. The next one goes elsewhere if this one gets no answer."""
        endpoint = self.endpoint
        try:
            return await self._request(method, key, params, form)
        except UnreachableError:
            self.leave(endpoint)
            raise

    async def quorum_index(self, directory: str) -> int:
        """The store's index, as a majority of its members knows it now."""
        try:
            return (await self.read(directory + _NO_SUCH_KEY)).index
        except RefusedError as error:
            if error.code != KEY_NOT_FOUND:
                raise
            return error.index

    async def poll(self, key: str, index: int, seconds: float) -> Reply:
        """The first event at `index` or later, from here on down; waits for it so long."""
        params = {"wait": "true", "recursive": "true", "waitIndex": str(index)}
        async with self._answer("GET", key, params, {}) as response:
            try:
                async with asyncio.timeout(seconds):
                    body = await read_body(response, _BODY_BYTES_MAX)
            except TimeoutError:
                return Reply({}, _index(response, {}))
        return _reply(response, body, applied=False)

    async def close(self) -> None:
        self.closed = True
        if self._session is not None:
            await self._session.close()

    async def _request(
        self, method: str, key: str, params: Mapping[str, str], form: Mapping[str, str]
    ) -> Reply:
        async with self._answer(method, key, params, form) as response:
            async with asyncio.timeout(self._timeout_seconds):
                body = await read_body(response, _BODY_BYTES_MAX)
        return _reply(response, body, applied=applied_by(method))

    @asynccontextmanager
    async def _answer(
        self, method: str, key: str, params: Mapping[str, str], form: Mapping[str, str]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """From the head of the answer on; losing the connection is an UnreachableError."""
        url = self._url(key, params)
        try:
            async with asyncio.timeout(self._timeout_seconds):
                response = await self._client().request(method, url, data=form or None)
            try:
                yield response
            finally:
                response.close()  # of a poll that is left early; one that was read is free already
        except (aiohttp.ClientError, TimeoutError) as error:
            message = f"{method} {url.with_query(None)}: {self._told(error)}"
            raise UnreachableError(message, applied=applied_by(method)) from error

    def _told(self, error: aiohttp.ClientError | TimeoutError) -> str:
        if isinstance(error, TimeoutError):
            return f"no answer within {self._timeout_seconds:g} s"
        if isinstance(error, aiohttp.ClientConnectorError):
            return str(error.os_error)
        return f"{type(error).__name__}: {error}"

    def _url(self, key: str, params: Mapping[str, str]) -> URL:
        scheme = "https" if self._access.tls else "http"
        path = f"{scheme}://{self.endpoint}/v2/keys{quote(key)}"
        return URL(f"{path}?{urlencode(params)}", encoded=True)

    def _client(self) -> aiohttp.ClientSession:
        if self.closed:
            raise UnreachableError("the store is closed", applied=False)
        if self._session is None:
            self._session = self._open()
        return self._session

    def _open(self) -> aiohttp.ClientSession:
        access = self._access
        connector = aiohttp.TCPConnector(
            ssl=_tls(access) if access.tls else True,
            enable_cleanup_closed=_TLS_LINGERS,
        )
        # Every request has its own timeout, which for a poll begins anew after the head.
        no_timeout = aiohttp.ClientTimeout(total=None)
        return aiohttp.ClientSession(
            headers=_login(access),
            connector=connector,
            timeout=no_timeout,
            middlewares=(send_once,),
        )


def _login(access: Access) -> dict[str, str]:
    if access.username is None:
        return {}
    pair = f"{access.username}:{access.password}".encode()
    return {"Authorization": f"Basic {b64encode(pair).decode()}"}


def _tls(access: Access) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=access.ca)
        if access.cert is not None:
            context.load_cert_chain(access.cert, access.key)
    except OSError as error:
        raise no_tls(error) from error
    return context


def _reply(response: aiohttp.ClientResponse, data: bytes, *, applied: bool | None) -> Reply:
    body = _json(data)
    code, status = _code(body), str(response.status)
    if response.status >= _SERVER_ERROR or code in _NO_ANSWER or not data.strip():
        message = f"{response.url}: {_words(body)}"
        raise UnreachableError(message, code=code or status, applied=applied)
    if code:
        raise RefusedError(code, _words(body), _index(response, body))
    if response.status in _NOT_LET_IN_STATUS:
        raise OutsideError(ErrorClass.DENIED, status, _words(body))
    if not isinstance(body.get("node"), dict):
        message = f"{response.url} is not etcd's v2 API: was etcd started with --enable-v2?"
        raise OutsideError(ErrorClass.INVALID, status, message, applied=applied)
    return Reply(body, _index(response, body, applied=applied))


def _json(data: bytes) -> Mapping[str, Any]:
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _code(body: Mapping[str, Any]) -> str:
    code = body.get("errorCode")
    return str(code) if isinstance(code, int) else ""


def _words(body: Mapping[str, Any]) -> str:
    said = [each for name in ("message", "cause") if isinstance(each := body.get(name), str)]
    return " ".join(said).strip()[:_WORDS_CHARACTERS_MAX] or "no answer"


def _index(
    response: aiohttp.ClientResponse, body: Mapping[str, Any], *, applied: bool | None = False
) -> int:
    said = response.headers.get("X-Etcd-Index") or body.get("index", _NO_INDEX)
    if not isinstance(said, str | int) or not _INDEX.fullmatch(str(said)):
        message = f"{response.url}: an index that is none"
        raise unreadable(message, applied=applied)
    return int(said)
