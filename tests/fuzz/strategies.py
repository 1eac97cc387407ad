"""Inputs that are almost right: good ones with a few fields or bytes that are not.

Noise from scratch ends at the first byte that a parser looks at. A good body in which one field
is missing, twice there, of another type or absurdly large gets much further in.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from hypothesis import strategies as st

CHANGES_MAX = 4  # to one input
COPIES = (0, 2, 3)  # of a part: none, or several
DEPTHS = (40, 450, 2_000, 100_000)  # what can just be read may be too deep to be shown
PART_BYTES_MAX = 40  # that is taken out, or repeated

Draw = Callable[[st.SearchStrategy[Any]], Any]
Place = tuple[list[Any], int]  # a list of values, or of fields, and where in it


class Raw(str):
    """A piece of JSON, or of what only looks like it, that is written as it stands."""

    __slots__ = ()


class Field:
    """One field of an object. Objects are lists of these, so that a name may stand there twice."""

    def __init__(self, name: str, value: Any) -> None:
        self.name, self.value = name, value


class Object(list[Field]):
    """A JSON object that can say what a dict cannot."""


_ABSURD = (
    *(Raw("[" * depth + "]" * depth) for depth in DEPTHS),
    *(Raw('{"a":' * depth + "1" + "}" * depth) for depth in DEPTHS),
    *map(Raw, ("NaN", "-Infinity", "1e999", "-0.0", "0x10", "1_000", '"\\ud800"', '"\\u0000"')),
    Raw("{" + ", ".join(f'"field{at}": {at}' for at in range(5_000)) + "}"),
    Raw("[" + ", ".join(map(str, range(5_000))) + "]"),
    Raw("9" * 5_000),  # more digits than Python turns into a number
    *(10**20, -(2**63) - 1, 2**64, -1, 0, 1, 1.5, True, False, None),
    *("", " ", "x" * 10_000, "\n", "%s{0}{{ x }}$x", "-1", "nan", "1e400", "²", "\u2028", "a=b"),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "2026-02-30T00:00:00Z", "2026-01-01"),
    *("10.0.0.256", "::1", "[::1]:9300", "10.0.0.1:99999", "/", "//", "../..", "http://[", "@"),
)
_ANY_VALUE = st.sampled_from(_ABSURD) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
_ODD_BYTES = (
    *(b"\xff", b"\xc3(", b"\xed\xa0\x80", b"\x00", b"\xef\xbb\xbf", "\x85\u2028²".encode()),
    *(b" ", b"\t", b"\n", b"\r", b"\n\n[A]\n", b": ", b"--- ", b"&a ", b"*a", b"<<: ", b"!!int "),
    *b"{ } [ ] ( ) $( ${ {{ }} \" ' \\ % - # ; | & > !!bool !!float 1e999 99999 fi done".split(),
    *(each * 5_000 for each in (b"9", b"[", b"(", b"$(", b"\\", b"a", b"=", b"if ", b"\\\n")),
)


def changed(bodies: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """One of these with other bytes here and there, or cut off."""
    return st.composite(_with_other_bytes)(bodies)


def changed_json(bodies: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """One of these JSON bodies with other fields, and sometimes with other bytes."""
    return st.composite(_with_other_fields)(bodies) | changed(bodies)


def cuts(body: bytes) -> Iterator[bytes]:
    """The body, cut off at every byte."""
    return (body[:end] for end in range(len(body)))


def _with_other_bytes(draw: Draw, bodies: Sequence[bytes]) -> bytes:
    body: bytes = draw(st.sampled_from(bodies))
    if draw(st.booleans()):
        return body[: draw(st.integers(0, len(body)))]
    for _ in range(draw(st.integers(1, CHANGES_MAX))):
        start = draw(st.integers(0, len(body)))
        end = draw(st.integers(start, min(len(body), start + PART_BYTES_MAX)))
        part = draw(st.sampled_from(_ODD_BYTES) | st.binary(max_size=4))
        body = body[:start] + draw(st.sampled_from((part, part + body[start:end] * 2))) + body[end:]
    return body


def _with_other_fields(draw: Draw, bodies: Sequence[bytes]) -> bytes:
    root = [json.loads(draw(st.sampled_from(bodies)), object_pairs_hook=_object)]
    for _ in range(draw(st.integers(1, CHANGES_MAX))):
        places = list(_places(root))
        _change(draw, *places[draw(st.integers(0, len(places) - 1))])
        root = root or [None]  # all of it may have been taken out
    return _written(root[0]).encode(errors="surrogatepass")


def _change(draw: Draw, values: list[Any], at: int) -> None:
    """Another value, another name, or the same thing several times or not at all."""
    each = values[at]
    what = draw(st.sampled_from(("value", "value", "count", "name")))
    if what == "count":
        values[at : at + 1] = [each] * draw(st.sampled_from(COPIES))
    elif not isinstance(each, Field):
        values[at] = draw(_ANY_VALUE)
    elif what == "name":
        values[at] = Field(draw(st.sampled_from((each.name.upper(), "", "x", "\n"))), each.value)
    else:
        values[at] = Field(each.name, draw(_ANY_VALUE))


def _object(pairs: list[tuple[str, Any]]) -> Object:
    return Object(Field(name, value) for name, value in pairs)


def _places(values: list[Any]) -> Iterator[Place]:
    for at, each in enumerate(values):
        yield values, at
        inner = each.value if isinstance(each, Field) else each
        if isinstance(inner, list):
            yield from _places(inner)


def _written(value: Any) -> str:
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, Object):
        fields = (f"{json.dumps(each.name)}: {_written(each.value)}" for each in value)
        return "{" + ", ".join(fields) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    return json.dumps(value)
