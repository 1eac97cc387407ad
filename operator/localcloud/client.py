"""What the commands ask of a running cloud, over its control port."""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

DEFAULT_URL = "http://127.0.0.1:9140"
REQUEST_TIMEOUT_SECONDS = 10.0
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy leads to loopback


class CloudUnreachableError(Exception):
    """Nothing answers at the control port."""


class RefusedError(Exception):
    """The cloud answered that it will not do it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def ask(path: str) -> str:
    return _exchange(urllib.request.Request(_url(path), headers=_headers()))  # noqa: S310 - _url


def inject(kind: str, arguments: Mapping[str, Any]) -> None:
    body = json.dumps(dict(arguments)).encode()
    url = _url(f"/v1/faults/{kind}")
    request = urllib.request.Request(url, data=body, headers=_headers())  # noqa: S310 - _url
    _exchange(request)


def _url(path: str) -> str:
    base = os.environ.get("LOCALCLOUD_URL", DEFAULT_URL).rstrip("/")
    if not base.startswith("http://"):
        msg = f"LOCALCLOUD_URL is no http:// address: {base}"
        raise CloudUnreachableError(msg)
    return base + path


def _headers() -> dict[str, str]:
    return {"Content-Type": "application/json", "User-Agent": "localcloud"}


def _exchange(request: urllib.request.Request) -> str:
    try:
        with _DIRECT.open(request, timeout=REQUEST_TIMEOUT_SECONDS) as reply:
            return str(reply.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            raise RefusedError(error.code, _message(error.read().decode())) from error
    except OSError as error:
        msg = f"{request.host} does not answer: {error}"
        raise CloudUnreachableError(msg) from error


def _message(body: str) -> str:
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return body
