"""Whole answers, within the time and the size of their call. It loads the library's transport.

The library's timeout is for one piece of an answer: one that trickles would keep its thread for
ever. Its answers have no end, and what cannot be decoded would keep its connection open.
"""

import socket
import threading
import time
from contextlib import suppress
from io import BytesIO
from typing import Any

from google.auth.transport.requests import AuthorizedSession
from requests import PreparedRequest, Response, Session
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.exceptions import ReadTimeout, RequestException
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from steersman.clients.http import CHUNK_BYTES

OBJECT_BYTES_MAX = 1024 * 1024  # an instance has at most half of it as metadata
PAGE_INSTANCES_MAX = 500  # the API's
PAGE_BYTES_MAX = PAGE_INSTANCES_MAX * 256 * 1024  # so much is one value of metadata at most


class Whole(BaseAdapter):
    """Asks by another adapter, and reads the body itself: to its end, or it hangs up. It goes
    nowhere else: the API redirects nobody."""

    def __init__(self, inner: BaseAdapter, body_bytes_max: int) -> None:
        super().__init__()
        self._inner, self._body_bytes_max = inner, body_bytes_max
        if isinstance(inner, HTTPAdapter):
            inner.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def send(  # type: ignore[override]  # every caller of ours has one number of seconds
        self, request: PreparedRequest, stream: bool, timeout: float, **terms: Any
    ) -> Response:
        deadline = time.monotonic() + timeout
        response = self._inner.send(request, stream=True, timeout=timeout, **terms)
        with response.raw as raw:
            if response.is_redirect:
                message = f"{response.status_code}, a redirection"
                raise RequestException(message)
            body = self._read(raw, deadline)
        response.raw = BytesIO(body)
        return response

    def close(self) -> None:
        self._inner.close()

    def _read(self, raw: Any, deadline: float) -> bytes:
        content = bytearray()
        while piece := raw.read1(CHUNK_BYTES, decode_content=True):
            content += piece
            if len(content) > self._body_bytes_max:
                message = f"a body of more than {self._body_bytes_max} bytes"
                raise RequestException(message)
            if time.monotonic() > deadline:
                message = f"a body that did not end in time, after {len(content)} bytes"
                raise ReadTimeout(message)
        return bytes(content)


def whole(session: Session, body_bytes_max: int = OBJECT_BYTES_MAX) -> Session:
    """The same session, with nothing left of an answer on the wire."""
    for prefix, adapter in tuple(session.adapters.items()):
        session.mount(prefix, Whole(adapter, body_bytes_max))
    return session


def authorised(credentials: Any) -> Session:
    """For pages. It asks once: the library would ask again by itself when a token is refused."""
    return whole(AuthorizedSession(credentials, refresh_status_codes=()), PAGE_BYTES_MAX)


def transport(client: Any) -> Any:
    """The transport of one of the library's clients, made to read whole answers."""

    class Transport(client.get_transport_class("rest")):  # type: ignore[misc]
        def __init__(self, **terms: Any) -> None:
            super().__init__(**terms)
            whole(self._session)

    return Transport


class _Connection(HTTPConnection):
    """The head of an answer has one time for all of its pieces, too."""

    def getresponse(self) -> Any:
        seconds = self.timeout or 0  # every request of ours has a timeout
        watchdog = threading.Timer(seconds, _hang_up, (self.sock,))
        watchdog.daemon = True
        watchdog.start()
        try:
            return super().getresponse()
        finally:
            watchdog.cancel()


class _SecureConnection(_Connection, HTTPSConnection): ...


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def _hang_up(connected: socket.socket) -> None:
    with suppress(OSError):  # it has ended by itself meanwhile
        connected.shutdown(socket.SHUT_RDWR)
