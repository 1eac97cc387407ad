"""Addresses as settings give them: `host`, `host:port`, and `[address]:port` for IPv6."""

import re

PORT_MAX = 65_535

_ADDRESS = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:(?P<port>[0-9]{1,5}))?")


def is_address(text: str) -> bool:
    found = _ADDRESS.fullmatch(text)
    return found is not None and (found["port"] is None or 0 < int(found["port"]) <= PORT_MAX)


def has_port(address: str) -> bool:
    found = _ADDRESS.fullmatch(address)
    return found is not None and found["port"] is not None
