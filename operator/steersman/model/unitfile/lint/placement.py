"""Rules about [X-Fleet], of which fleet checks next to nothing."""

import re
from collections.abc import Iterator

from steersman.model.document import nearest
from steersman.model.unitfile import fleet
from steersman.model.unitfile.lint.source import Hit, Source
from steersman.model.unitfile.names import NAME_CHARACTERS, RUNNABLE, valid_unit_name

PLAIN_SINCE = (0, 8)  # an older fleet knows only the spellings with X-
LISTS_SINCE = (1, 0)  # an older one takes several words for one name
_OLD = "this fleet takes no notice of {0}: it knows {1[0]}"
_NEW = "an old spelling, that fleet may give up: since 0.8 it is {0}"
_WILDCARD = re.compile(r"\[[^\]]*\]|[*?]")


def unknown_key(source: Source) -> Iterator[Hit]:
    for each in source.options:
        key = each.option.name
        if each.option.section == fleet.SECTION and key not in fleet.KEYS:
            meant = nearest(key, sorted(fleet.KEYS))
            hint = f" (did you mean {meant}?)" if meant else ""
            yield each.line, f"fleet takes no notice of {key}{hint}"


def spelling(source: Source) -> Iterator[Hit]:
    """Both spellings side by side work everywhere."""
    old = source.version < PLAIN_SINCE
    for key, others in fleet.SPELLINGS.items():
        plain, prefixed = source.given(fleet.SECTION, key), source.given(fleet.SECTION, *others)
        if not source.version or (plain and prefixed):
            continue
        for each in (plain if others else ()) if old else prefixed:
            said = _OLD.format(key, others) if old else _NEW.format(key)
            yield each.line, said


def self_conflict(source: Source) -> Iterator[Hit]:
    for line, pattern in source.required("Conflicts"):
        if pattern == source.unit:
            apart = f": to keep instances apart, write {source.name.replace('@.', '@*.')}"
            said = "a unit does not conflict with itself, so this does nothing"
            yield line, said + (apart if source.is_template else "")


def dead_conflict(source: Source) -> Iterator[Hit]:
    for line, pattern in source.required("Conflicts"):
        if reason := _matches_nothing(pattern):
            yield line, f"no unit is called {pattern}: {reason}"
    if source.version and source.version < LISTS_SINCE:
        for each in source.given(fleet.SECTION, "Conflicts", "X-Conflicts"):
            if len(each.option.value.split()) > 1:
                yield each.line, "this fleet takes that for one name: write a line for each"


def dead_peer(source: Source) -> Iterator[Hit]:
    for line, peer in source.required("MachineOf"):
        if peer == source.unit:
            yield line, "waits for itself, for ever"
        elif reason := valid_unit_name(peer):
            yield line, f"waits for {peer} for ever: {reason}"


def ignored_metadata(source: Source) -> Iterator[Hit]:
    for line, pair in source.required("MachineMetadata"):
        key, equals, value = pair.partition("=")
        if not (key and equals and value) or "=" in value:
            yield line, f"fleet takes no notice of {pair!r}: expected KEY=VALUE, with one ="


def _matches_nothing(pattern: str) -> str | None:
    if strange := set(_WILDCARD.sub("", pattern)) - NAME_CHARACTERS:
        return f"a unit name may not contain {sorted(strange)[0]!r}"
    suffix = pattern.rpartition(".")[2]
    if _WILDCARD.search(suffix) or suffix in RUNNABLE:
        return None
    return "it has no suffix like .service"
