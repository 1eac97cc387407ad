"""Whole answers, within the time of their call. This module loads the library's transport.

The library's timeout is for one piece of an answer: one that trickles would keep its thread for
ever. And what cannot be decoded would keep its connection open.
"""

import time
from io import BytesIO
from typing import Any

from google.auth.transport.requests import AuthorizedSession
from requests import PreparedRequest, Response, Session
from requests.adapters import BaseAdapter
from requests.exceptions import ReadTimeout, RequestException

from steersman.clients.http import CHUNK_BYTES

INSTANCES_MAX = 500  # of one answer: the API's most
INSTANCE_BYTES_MAX = 1024 * 1024  # half of it is the most that its metadata may be
BODY_BYTES_MAX = INSTANCES_MAX * INSTANCE_BYTES_MAX


class Whole(BaseAdapter):
    """Asks by another adapter, and reads the body itself: to its end, or it hangs up."""

    def __init__(self, inner: BaseAdapter) -> None:
        super().__init__()
        self._inner = inner

    def send(  # type: ignore[override]  # every caller of ours has one number of seconds
        self, request: PreparedRequest, stream: bool, timeout: float, **terms: Any
    ) -> Response:
        deadline = time.monotonic() + timeout
        response = self._inner.send(request, stream=True, timeout=timeout, **terms)
        with response.raw as raw:
            body = _read(raw, deadline)
        response.raw = BytesIO(body)
        return response

    def close(self) -> None:
        self._inner.close()


def whole(session: Session) -> Session:
    """The same session, with nothing left of an answer on the wire."""
    for prefix, adapter in tuple(session.adapters.items()):
        session.mount(prefix, Whole(adapter))
    return session


def authorised(credentials: Any) -> Session:
    """It asks once: the library would ask again by itself when a token is refused."""
    return whole(AuthorizedSession(credentials, refresh_status_codes=()))


def transport(client: Any) -> Any:
    """The transport of one of the library's clients, made to read whole answers."""

    class Transport(client.get_transport_class("rest")):  # type: ignore[misc]
        def __init__(self, **terms: Any) -> None:
            super().__init__(**terms)
            whole(self._session)

    return Transport


def _read(raw: Any, deadline: float) -> bytes:
    content = bytearray()
    while piece := raw.read1(CHUNK_BYTES, decode_content=True):
        content += piece
        if len(content) > BODY_BYTES_MAX:
            message = f"a body of more than {BODY_BYTES_MAX} bytes"
            raise RequestException(message)
        if time.monotonic() > deadline:
            message = f"a body that did not end in time, after {len(content)} bytes"
            raise ReadTimeout(message)
    return bytes(content)
