"""Partial replies: `fields=items(name,status),nextPageToken` leaves out everything else."""

import re
from collections.abc import Mapping
from typing import Any

from localcloud.compute.errors import ApiError

MASK_CHARS_MAX = 4096
NESTING_MAX = 20

Mask = Mapping[str, "Mask"]  # nothing inside: all of it

_TOKEN = re.compile(r"[(),]|[^(),]+")


def parse(text: str) -> Mask:
    if len(text) > MASK_CHARS_MAX:
        raise _refuse(text[:40])
    return _Parser(text).parse()


def keep(value: Any, mask: Mask) -> Any:
    """What a mask shows of a reply. `*` stands for any key, and lists are looked through."""
    if not mask:
        return value
    if isinstance(value, list):
        return [keep(item, mask) for item in value]
    if isinstance(value, dict):
        shown = ((name, mask.get(name, mask.get("*"))) for name in value)
        return {name: keep(value[name], inner) for name, inner in shown if inner is not None}
    return value


class _Parser:
    """A comma between fields; `a/b` or `a.b` for a field in a field; `a(b,c)` for several."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _TOKEN.findall(text.replace(" ", ""))

    def parse(self) -> Mask:
        mask = self._fields(depth=0)
        if self._tokens:
            raise _refuse(self._text)
        return mask

    def _fields(self, depth: int) -> Mask:
        if depth > NESTING_MAX:
            raise _refuse(self._text)
        mask = dict([self._field(depth)])
        while self._tokens and self._tokens[0] == ",":
            self._tokens.pop(0)
            name, inner = self._field(depth)
            mask[name] = {**mask.get(name, {}), **inner}
        return mask

    def _field(self, depth: int) -> tuple[str, Mask]:
        if not self._tokens or self._tokens[0] in "(),":
            raise _refuse(self._text)
        names = re.split(r"[/.]", self._tokens.pop(0))
        if not all(names):
            raise _refuse(self._text)
        inner: Mask = {}
        if self._tokens and self._tokens[0] == "(":
            inner = self._group(depth)
        for name in reversed(names[1:]):
            inner = {name: inner}
        return names[0], inner

    def _group(self, depth: int) -> Mask:
        self._tokens.pop(0)
        inner = self._fields(depth + 1)
        if not self._tokens or self._tokens.pop(0) != ")":
            raise _refuse(self._text)
        return inner


def _refuse(text: str) -> ApiError:
    return ApiError(400, "invalidParameter", f"Invalid field selection {text}")
