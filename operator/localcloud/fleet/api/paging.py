"""Page tokens: two little-endian 16-bit numbers, limit and page, in URL-safe base64."""

import base64
import string
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from localcloud.fleet.records import ApiError

PAGE_ITEMS = 100  # fleetd's token_limit

_TOKEN = struct.Struct("<HH")
_NUMBERS = 1 << 16  # fleetd counts in 16 bits, and what is larger begins again at zero
_ALPHABET = frozenset(string.ascii_letters + string.digits + "-_")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    items: Sequence[T]
    next_token: str | None


def page_of(items: Sequence[T], number: int) -> Page[T]:
    """An offset, not a cursor. A full last page still names a next one, which is empty."""
    start = (number - 1) * PAGE_ITEMS % _NUMBERS
    stop = number * PAGE_ITEMS % _NUMBERS
    if start >= len(items):
        return Page((), None)
    return Page(items[start:stop], _encode(number + 1) if stop <= len(items) else None)


def _encode(page: int) -> str:
    return base64.urlsafe_b64encode(_TOKEN.pack(PAGE_ITEMS, page % _NUMBERS)).decode()


def page_number(tokens: Sequence[str]) -> int:
    """Of the tokens in a query: none is the first page."""
    if len(tokens) > 1:
        raise ApiError(400, "too many values for page token")
    if not tokens:
        return 1
    limit, page = _decode(tokens[0])
    if limit != PAGE_ITEMS:
        raise ApiError(400, f"token limit must be {PAGE_ITEMS}")
    if page == 0:
        raise ApiError(400, "token page must be greater than zero")
    return page


def _decode(token: str) -> tuple[int, int]:
    bare = token.rstrip("=")
    illegal = next((at for at, char in enumerate(bare) if char not in _ALPHABET), None)
    if illegal is not None or len(token) % 4 or len(token) - len(bare) > 2:
        at = len(bare) if illegal is None else illegal
        raise ApiError(400, f"illegal base64 data at input byte {at}")
    data = base64.urlsafe_b64decode(token)
    if len(data) < _TOKEN.size:
        raise ApiError(400, "unexpected EOF" if data else "EOF")
    limit, page = _TOKEN.unpack_from(data)
    return limit, page
