"""The filter language of lists: `labels.role=core AND (status=RUNNING OR NOT name:core*)`.

Also the older form, `name eq REGEX`. What is not understood is refused rather than ignored.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from localcloud.compute.errors import ApiError, invalid

FILTER_CHARS_MAX = 4096
NESTING_MAX = 20

Body = Mapping[str, Any]
Predicate = Callable[[Body], bool]

_FIELDS = (
    "clientOperationId",
    "description",
    "direction",
    "family",
    "id",
    "machineType",
    "name",
    "network",
    "operationType",
    "selfLink",
    "status",
    "targetId",
    "targetLink",
    "user",
    "zone",
)
_GROUPS = ("labels", "scheduling")
_TOKEN = re.compile(r"""\s*(?:([()])|(!=|=|:)|"((?:[^"\\]|\\.)*)"|([^\s()=!:"]+))""")
_REGEX_WORDS = ("eq", "ne")


def parse(text: str) -> Predicate:
    if len(text) > FILTER_CHARS_MAX:
        raise _refuse(text[:40])
    return _Parser(text).parse() if text.strip() else lambda _: True


class _Parser:
    """Recursive descent; OR binds closer than AND, as AIP-160 has it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._split()
        self._depth = 0

    def parse(self) -> Predicate:
        predicate = self._sequence()
        if self._tokens:
            raise _refuse(self._text)
        return predicate

    def _sequence(self) -> Predicate:
        """Terms side by side mean AND."""
        terms = [self._alternatives()]
        while self._tokens and self._peek() != ")":
            if self._peek() == "AND":
                self._next()
            terms.append(self._alternatives())
        return lambda body: all(term(body) for term in terms)

    def _alternatives(self) -> Predicate:
        terms = [self._term()]
        while self._peek() == "OR":
            self._next()
            terms.append(self._term())
        return lambda body: any(term(body) for term in terms)

    def _term(self) -> Predicate:
        if self._peek() == "NOT":
            self._next()
            term = self._simple()
            return lambda body: not term(body)
        return self._simple()

    def _simple(self) -> Predicate:
        if self._peek() == "(":
            return self._group()
        return _comparison(self._field(), self._next(), self._next(), self._text)

    def _group(self) -> Predicate:
        self._depth += 1
        if self._depth > NESTING_MAX:
            raise _refuse(self._text)
        self._next()
        inner = self._sequence()
        if self._next() != ")":
            raise _refuse(self._text)
        self._depth -= 1
        return inner

    def _field(self) -> str:
        field = self._next()
        if field not in _FIELDS and field.partition(".")[0] not in _GROUPS:
            raise _refuse(self._text)
        return field

    def _peek(self) -> str:
        return self._tokens[0] if self._tokens else ""

    def _next(self) -> str:
        if not self._tokens:
            raise _refuse(self._text)
        return self._tokens.pop(0)

    def _split(self) -> list[str]:
        tokens, place = [], 0
        text = self._text.rstrip()
        while place < len(text):
            match = _TOKEN.match(text, place)
            if match is None:
                raise _refuse(self._text)
            parenthesis, operator, quoted, word = match.groups()
            tokens.append(parenthesis or operator or word or re.sub(r"\\(.)", r"\1", quoted or ""))
            place = match.end()
        return tokens


def _comparison(field: str, operator: str, value: str, text: str) -> Predicate:
    test = _test(operator, value, text)
    if operator in ("!=", "ne"):  # also true of what has no such field
        return lambda body: not test(_value(body, field))
    return lambda body: test(_value(body, field))


def _test(operator: str, value: str, text: str) -> Callable[[str | None], bool]:
    if operator in ("=", "!="):
        return lambda found: found == value
    if operator in _REGEX_WORDS:
        pattern = _compiled(value, text)
        return lambda found: found is not None and pattern.fullmatch(found) is not None
    if operator == ":":
        return _has(value)
    raise _refuse(text)


def _has(value: str) -> Callable[[str | None], bool]:
    """`:*` asks whether the field is there, `:x*` how it begins, `:x` what it contains."""
    if value == "*":
        return lambda found: found is not None
    if value.endswith("*"):
        return lambda found: found is not None and found.startswith(value[:-1])
    return lambda found: found is not None and value in found


def _compiled(pattern: str, text: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise _refuse(text) from error


def _value(body: Body, field: str) -> str | None:
    """As text, as a filter writes it."""
    group, _, key = field.partition(".")
    found = body.get(group, {}).get(key) if key else body.get(field)
    if isinstance(found, bool):
        return str(found).lower()
    return None if found is None else str(found)


def _refuse(text: str) -> ApiError:
    return invalid("filter", text, "Invalid list filter expression.")
