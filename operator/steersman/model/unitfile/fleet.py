"""The section [X-Fleet] as fleet reads it."""

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from steersman.model.observed import UnitOption

SECTION = "X-Fleet"
# Each key as fleet has it, and the older spellings, which it reads too.
SPELLINGS = {
    "MachineID": ("X-ConditionMachineID", "X-ConditionMachineBootID"),
    "MachineOf": ("X-ConditionMachineOf",),
    "MachineMetadata": ("X-ConditionMachineMetadata",),
    "Conflicts": ("X-Conflicts",),
    "Global": (),
    "Replaces": (),
}
KEYS = frozenset(SPELLINGS).union(*SPELLINGS.values())
_LISTS = frozenset({"Conflicts"})  # whose values may be several words
_TRUE = frozenset({"true", "yes", "1", "on", "t"})
_SPECIFIER = re.compile(r"%[nNpi]")
_VERSION = re.compile(r"(\d{1,9}(?:\.\d{1,9})*)(?:[-+].*)?", re.ASCII)
_QUOTED = re.compile(r'(?:"[^"]*"|[^" ])+')


def values(options: Iterable[UnitOption], key: str) -> tuple[str, ...]:
    """All values of a key, those in its own spelling first."""
    own = [each for each in options if each.section == SECTION]
    names = (key, *SPELLINGS[key])
    return tuple(
        word
        for name in names
        for each in own
        if each.name == name
        for word in words(key, each.value)
    )


def placement_values(options: Iterable[UnitOption]) -> int:
    """How many values there are, of all keys."""
    own = tuple(options)
    return sum(len(values(own, key)) for key in SPELLINGS)


def words(key: str, value: str) -> Iterator[str]:
    """The values that one line holds: `"a=b" "c=d"` are two."""
    for each in _unquoted(value):
        yield from each.split() if key in _LISTS else (each,)


def _unquoted(value: str) -> list[str]:
    if value.startswith('"') and value.endswith('"'):
        return [each.replace('"', "") for each in _QUOTED.findall(value)]
    return [value]


def is_global(options: Iterable[UnitOption]) -> bool:
    """The last value counts."""
    return next(reversed(values(options, "Global")), "").lower() in _TRUE


def expanded(value: str, name: str) -> str:
    """A value with its specifiers replaced for the unit `name`."""
    stem = name.rpartition(".")[0]
    prefix, _, instance = stem.partition("@")
    meant = {"%n": name, "%N": stem, "%p": prefix, "%i": instance}
    return _SPECIFIER.sub(lambda found: meant[found[0]], value)


def matches(pattern: str, name: str) -> bool:
    """As Go's path.Match has it."""
    return fnmatchcase(name, pattern.replace("[^", "[!"))


def version_numbers(version: str) -> tuple[int, ...]:
    """`0.13.0+git` as (0, 13, 0); () for what is no version."""
    found = _VERSION.fullmatch(version)
    return tuple(map(int, found[1].split("."))) if found else ()
