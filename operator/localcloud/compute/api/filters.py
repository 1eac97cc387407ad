"""The filter language of lists: `labels.role=core AND (status=RUNNING OR NOT name:core*)`.

Also the older form, `name eq REGEX`; the two do not mix. What is not understood is refused rather
than ignored.
"""

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from localcloud.compute.api.instants import instant
from localcloud.compute.errors import ApiError, invalid

FILTER_CHARS_MAX = 4096
NESTING_MAX = 20

Body = Mapping[str, Any]
Predicate = Callable[[Body], bool]

_FIELDS = frozenset(
    (
        *("address", "addressType", "architecture", "archiveSizeBytes", "autoCreateSubnetworks"),
        *("availableCpuPlatforms", "canIpForward", "clientOperationId", "cpuPlatform"),
        *("creationTimestamp", "defaultDiskSizeGb", "deletionProtection", "description"),
        *("destRange", "destinationRanges", "direction", "disabled", "diskSizeGb", "endTime"),
        *("family", "fingerprint", "gatewayAddress", "guestCpus", "hostname"),
        *("httpErrorMessage", "httpErrorStatusCode", "id", "imageSpaceGb", "insertTime"),
        *("ipCidrRange", "isSharedCpu", "kind", "labelFingerprint", "lastAttachTimestamp"),
        *("lastDetachTimestamp", "lastStartTimestamp", "lastStopTimestamp"),
        *("lastSuspendedTimestamp", "machineType", "maximumPersistentDisks"),
        *("maximumPersistentDisksSizeGb", "memoryMb", "minCpuPlatform", "name", "network"),
        *("networkTier", "nextHopGateway", "nextHopNetwork", "operationType"),
        *("physicalBlockSizeBytes", "priority", "privateIpGoogleAccess", "progress", "purpose"),
        *("region", "resourcePolicies", "selfLink", "sizeGb", "sourceImage", "sourceRanges"),
        *("sourceServiceAccounts", "sourceTags", "sourceType", "stackType", "startRestricted"),
        *("startTime", "status", "subnetwork", "subnetworks", "supportsPzs", "targetId"),
        *("targetLink", "targetServiceAccounts", "targetTags", "type", "user", "users"),
        *("validDiskSize", "zone", "zones"),
    )
)
_GROUPS = frozenset(
    (
        *("advancedMachineFeatures", "allowed", "confidentialInstanceConfig", "denied", "disks"),
        *("error", "labels", "logConfig", "metadata", "networkInterfaces", "quotas", "rawDisk"),
        *("routingConfig", "scheduling", "serviceAccounts", "shieldedInstanceConfig", "tags"),
    )
)
_TIMES = frozenset(
    (
        *("creationTimestamp", "endTime", "insertTime", "lastAttachTimestamp"),
        *("lastDetachTimestamp", "lastStartTimestamp", "lastStopTimestamp"),
        *("lastSuspendedTimestamp", "startTime"),
    )
)
_HEAD = r"""\s*(?:([()])|(!=|<=|>=|=|<|>|:)|(?:"((?:[^"\\]|\\.)*)"|'([^']*)')|"""
_TOKEN = re.compile(_HEAD + r"""([^\s()=!<>:"']+))""")
_VALUE = re.compile(_HEAD + r"""([^\s()=!<>:"'][^\s()"']*))""")  # such as a URL, or a time
_REGEX_WORDS = ("eq", "ne")
_SIGNS = ("=", "!=", "<", "<=", ">", ">=", ":", *_REGEX_WORDS)
_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


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
        self._grammars: set[bool] = set()  # whether a comparison is of the older form

    def parse(self) -> Predicate:
        predicate = self._sequence()
        if self._tokens or len(self._grammars) > 1:
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
        if not self._negated():
            return self._simple()
        term = self._simple()
        return lambda body: not term(body)

    def _negated(self) -> bool:
        """By a word, or by a dash in front of the field."""
        if self._peek() == "NOT":
            self._next()
            return True
        if self._peek().startswith("-"):
            self._tokens[0] = self._tokens[0][1:]
            return True
        return False

    def _simple(self) -> Predicate:
        if self._peek() == "(":
            return self._group()
        field, sign, value = self._field(), self._next(), self._next()
        self._grammars.add(sign in _REGEX_WORDS)
        return _comparison(field, sign, value, self._text)

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
        tokens: list[str] = []
        place = 0
        text = self._text.rstrip()
        while place < len(text):
            pattern = _VALUE if tokens and tokens[-1] in _SIGNS else _TOKEN
            match = pattern.match(text, place)
            if match is None:
                raise _refuse(self._text)
            parenthesis, sign, quoted, literal, word = match.groups()
            unquoted = literal or re.sub(r"\\(.)", r"\1", quoted or "")
            tokens.append(parenthesis or sign or word or unquoted)
            place = match.end()
        return tokens


def _comparison(field: str, sign: str, value: str, text: str) -> Predicate:
    """A field that is a list compares if one of its values does."""
    if field in _TIMES and sign in _ORDERS and instant(value) is None:
        raise _refuse(text)
    test = _test(sign, value, text)
    if sign in ("!=", "ne"):  # also true of what has no such field
        return lambda body: not any(test(found) for found in _values(body, field))
    return lambda body: any(test(found) for found in _values(body, field))


def _test(sign: str, value: str, text: str) -> Callable[[str], bool]:
    if sign in ("=", "!="):
        return _equal(value)
    if sign in _REGEX_WORDS:
        pattern = _compiled(value, text)
        return lambda found: pattern.fullmatch(found) is not None
    if sign in _ORDERS:
        return _compared(_ORDERS[sign], value)
    if sign == ":":
        return _has(value)
    raise _refuse(text)


def _equal(value: str) -> Callable[[str], bool]:
    """Times may be written with other offsets."""
    when = instant(value)
    if when is None:
        return lambda found: found == value
    return lambda found: found == value or instant(found) == when


def _compared(order: Callable[[Any, Any], bool], value: str) -> Callable[[str], bool]:
    """Numbers as numbers, times as times, and all else as text."""
    number, when = _number(value), instant(value)

    def test(found: str) -> bool:
        other_number, other_when = _number(found), instant(found)
        if number is not None and other_number is not None:
            return order(other_number, number)
        if when is not None and other_when is not None:
            return order(other_when, when)
        return order(found, value)

    return test


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _has(value: str) -> Callable[[str], bool]:
    """`:*` asks whether the field is there, `:x*` how it begins, `:x` what it contains."""
    if value == "*":
        return lambda found: True
    if value.endswith("*"):
        return lambda found: found.startswith(value[:-1])
    return lambda found: value in found


def _compiled(pattern: str, text: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise _refuse(text) from error


def _values(body: Any, field: str) -> Iterator[str]:
    """As texts, as a filter writes them; a dot leads into an object, or into each of a list."""
    if isinstance(body, list):
        for item in body:
            yield from _values(item, field)
    elif isinstance(body, dict) and field:
        name, _, rest = field.partition(".")
        if body.get(name) is not None:
            yield from _values(body[name], rest)
    elif not field:
        yield str(body).lower() if isinstance(body, bool) else str(body)


def _refuse(text: str) -> ApiError:
    return invalid("filter", text, "Invalid list filter expression.")
