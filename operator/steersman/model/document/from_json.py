"""A document in JSON, read as JSON means it. Its values have lines, as those of YAML do."""

import json
import math
import re
from bisect import bisect
from typing import Any

from steersman.model.document.body import Body, Places
from steersman.model.document.problem import Path

# Nothing else begins an object of JSON; YAML's flow style goes on without the quote, as a rule.
_LOOK = re.compile(r"\s*\{\s*[\"}]")
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')
_HALF_A_PAIR = re.compile("[\ud800-\udfff]")
_GRAMMAR = json.JSONDecoder(parse_int=str, parse_float=str)  # which are long may be seen later

Token = re.Match[str]


def looks_like_json(text: str) -> bool:
    return _LOOK.match(text) is not None


def json_fault(text: str) -> json.JSONDecodeError | None:
    """Why it is no JSON at all; None: it is, or it is nested too deep to tell."""
    try:
        _GRAMMAR.decode(text)
    except json.JSONDecodeError as error:
        return error
    except RecursionError:  # reading it comes to the limit of depth before it comes to the end
        return None
    return None


def json_body(text: str) -> Body:
    """What `json_fault` finds no fault with, and begins with an object."""
    reading = _Reading(text)
    data = reading.value(reading.next(), ())
    return Body(data, reading.places.lines)


class _Reading:
    """From token to token: the order of the tokens is right, as the grammar was looked at."""

    def __init__(self, text: str) -> None:
        self.places = Places()
        self._tokens = _TOKEN.finditer(text)
        self._newlines = [found.start() for found in re.finditer("\n", text)]

    def next(self) -> Token:
        return next(self._tokens)

    def value(self, token: Token, path: Path) -> Any:
        self.places.put(path, self._line(token), holds_more=token[0] in ("{", "["))
        if token[0] == "{":
            return self._object(path)
        if token[0] == "[":
            return self._array(path)
        return self._scalar(token[0], path)

    def _object(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while (name := self.next())[0] != "}":
            if name[0] == ",":
                continue
            key = self._text(name[0], path)
            self.places.refuse_repeated(found, key, path, self._line(name))
            self.next()  # the colon
            found[key] = self.value(self.next(), (*path, key))
        return found

    def _array(self, path: Path) -> list[Any]:
        found: list[Any] = []
        while (token := self.next())[0] != "]":
            if token[0] != ",":
                found.append(self.value(token, (*path, len(found))))
        return found

    def _scalar(self, token: str, path: Path) -> Any:
        if token.startswith('"'):
            return self._text(token, path)
        if token in ("true", "false", "null"):
            return json.loads(token)
        return self._number(token, path)

    def _number(self, token: str, path: Path) -> int | float:
        """JSON knows one sort of number: 1e3 and 1000.0 are 1000."""
        self.places.refuse_long(token, path)
        number: int | float = json.loads(token)
        if not math.isfinite(number):  # Python's reader lets NaN and Infinity pass, and 1e999
            raise self.places.refused("a number is finite; text needs quotes", path)
        return int(number) if number == int(number) else number

    def _text(self, token: str, path: Path) -> str:
        text: str = json.loads(token)
        if _HALF_A_PAIR.search(text):
            raise self.places.refused("half of a surrogate pair is no character", path)
        return text

    def _line(self, token: Token) -> int:
        return bisect(self._newlines, token.start()) + 1
