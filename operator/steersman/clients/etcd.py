"""Opens the store that a URL names: `etcd3://host:port[,host:port]` or `etcd2://...`."""

import re
from types import MappingProxyType

from steersman.clients.address import has_port, is_address
from steersman.clients.etcd_access import ANONYMOUS, REQUEST_TIMEOUT_SECONDS, Access
from steersman.clients.measure import Restarted, unnoticed
from steersman.model.ports import Store

_URL = re.compile(r"(?P<scheme>etcd[23])://(?P<endpoints>[^/?#@]+)/?")
_USER = re.compile(r"(?<=//)[^/]*@")
# Home's writes are fenced, which the v2 API cannot do; fleet and the units' shell speak that one.
SCHEMES = MappingProxyType({"home": "etcd3", "unit": "etcd2"})


def open_store(
    url: str,
    access: Access = ANONYMOUS,
    *,
    request_timeout_seconds: float = REQUEST_TIMEOUT_SECONDS,
    restarted: Restarted = unnoticed,
) -> Store:
    """Nothing is sent before the first call. `restarted` hears of each watch that was interrupted,
    and goes on. Raises ValueError for a URL that names no store."""
    scheme, endpoints = parse_store_url(url)
    # Late imports: a command that reads files only must not pay for gRPC and aiohttp.
    if scheme == "etcd3":
        from steersman.clients.etcd3 import Etcd3Store

        return Etcd3Store(
            endpoints,
            access,
            request_timeout_seconds=request_timeout_seconds,
            restarted=restarted,
        )
    from steersman.clients.etcd2 import Etcd2Store

    return Etcd2Store(
        endpoints, access, request_timeout_seconds=request_timeout_seconds, restarted=restarted
    )


def check_role(url: str, role: str) -> None:
    """ValueError: the store of that role speaks the other API, or none."""
    scheme, _ = parse_store_url(url)
    if scheme != SCHEMES[role]:
        message = f"{url!r} cannot be the {role} store: expected {SCHEMES[role]}://HOST:PORT"
        raise ValueError(message)


def parse_store_url(url: str) -> tuple[str, tuple[str, ...]]:
    """The scheme and the endpoints, each as `host:port`."""
    match = _URL.fullmatch(url)
    if match is None:
        shown = _USER.sub("...@", url)  # a password is told to nobody
        message = f"{shown!r} is no store: expected etcd3://HOST:PORT[,HOST:PORT] or etcd2://"
        raise ValueError(message)
    endpoints = tuple(match["endpoints"].split(","))
    for endpoint in endpoints:
        _check_endpoint(endpoint, url)
    return match["scheme"], endpoints


def _check_endpoint(endpoint: str, url: str) -> None:
    if not (is_address(endpoint) and has_port(endpoint)):
        message = f"{url!r} is no store: {endpoint!r} is not HOST:PORT"
        raise ValueError(message)
