"""JSON as Go's encoder writes it and its decoder reads it, byte for byte and word for word."""

import json
import re
from typing import Any, NoReturn

from localcloud.fleet.gotext import quoted

_UNLIKE_GO = re.compile(r"\\.|[<>&\u2028\u2029]")
_WRITTEN = {char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}
_WRITTEN |= {r"\b": r"\u0008", r"\f": r"\u000c"}

_STRING = re.compile(r'"(?:\\.|[^"\\])*"', re.DOTALL)
_LOOKING_FOR = {  # Python's words for what it missed -> Go's words for what it found instead
    "Expecting value": "looking for beginning of value",
    "Expecting property name enclosed in double quotes": (
        "looking for beginning of object key string"
    ),
    "Illegal trailing comma before end of object": "looking for beginning of object key string",
    "Expecting ':' delimiter": "after object key",
    "Invalid control character at": "in string literal",
}


class DecodeError(ValueError):
    """The message is the one of Go's decoder."""


def encode(value: object, *, sort_keys: bool = False) -> str:
    """What could end a script in HTML is escaped, and so are two line ends."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=sort_keys)
    return _UNLIKE_GO.sub(lambda found: _WRITTEN.get(found[0], found[0]), text)


def decode(body: bytes) -> Any:
    """The first value; Go's decoder does not look at what follows it."""
    text = body.decode(errors="replace").lstrip(" \t\r\n")
    if not text:
        raise DecodeError("EOF")
    try:
        value, _ = _DECODER.raw_decode(text)
    except json.JSONDecodeError as error:
        raise DecodeError(_complaint(text, error)) from error
    except RecursionError as error:
        raise DecodeError("exceeded max depth") from error
    return value


def whole(text: str) -> str:
    """Half a surrogate pair is replaced, as every character that is none."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def kind(value: Any) -> str:
    """How Go's decoder calls it."""
    match value:
        case bool():
            return "bool"
        case str():
            return "string"
        case list():
            return "array"
        case dict():
            return "object"
        case _:
            return "number"


def _refuse(constant: str) -> NoReturn:
    """NaN and the infinities, which Python takes."""
    at = 1 if constant.startswith("-") else 0
    where = "in numeric literal" if at else "looking for beginning of value"
    raise DecodeError(_found(constant[at], where))


# an integer of any length is a number, and no more is asked of it
_DECODER = json.JSONDecoder(parse_constant=_refuse, parse_int=float)


def _complaint(text: str, error: json.JSONDecodeError) -> str:
    at = error.pos
    if at >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
        return "unexpected EOF"
    if error.msg.startswith("Invalid \\"):
        return _found(text[at + 1], "in string escape code")
    where = _LOOKING_FOR.get(error.msg) or _after(text[:at])
    return _found(text[at], where)


def _found(char: str, where: str) -> str:
    character = quoted(char, quote="'")
    return f"invalid character {character} {where}"


def _after(before: str) -> str:
    """Python misses a comma; Go tells what it is in."""
    open_brackets = re.sub(r"[^\[\]{}]", "", _STRING.sub("", before))
    while (closed := re.sub(r"\[\]|\{\}", "", open_brackets)) != open_brackets:
        open_brackets = closed
    in_object = open_brackets.endswith("{")
    return "after object key:value pair" if in_object else "after array element"
