"""What a kind keeps of its steps is read again only in the shape in which it was written."""

import json
from typing import Any

import pytest

from steersman.engine.home.records import MEMORY, recorded
from steersman.kinds import KINDS
from steersman.model.ports import Item
from steersman.model.resource import Key

AT = "2014-09-01T12:00:00+00:00"
KEPT: dict[str, dict[str, Any]] = {
    "nodepool": {
        "generated": {"token": "secret"},
        "zones": ["europe-west1-b"],
        "stockouts": {"europe-west1-b": AT},
    },
    "unit": {
        "owned": {"es@1.service": AT},
        "launched": {"es@1.service": AT},
        "begun": {"es@1.service": AT},
        "restarted": {"es@1.service": AT},
        "restarts": {"es@1.service": [AT, AT]},
        "config": {"es@1.service": "0123"},
    },
    "elasticsearch": {
        "owners": {"/services/es/1": "europe-west1-b/core1/7", "/services/es/2": ""},
        "removals": {"/services/es/1": [AT]},
    },
    "configkey": {"hashes": {"/configs/a": "0123"}},
}
TABLES = [(kind, what) for kind, own in KEPT.items() for what in own]
TIMED = [(kind, what) for kind, what in TABLES if AT in json.dumps(KEPT[kind][what])]
SECRET = "secret-0123"
MISSHAPEN = (7, SECRET, [SECRET], {"x": 7}, {"x": [7]}, {"x": {"y": SECRET}})
NO_TIMES = (SECRET, "2014-09-01T12:00:00", [SECRET], ["2014-09-01T12:00:00"])


def read(kind: str, own: dict[str, Any]) -> str | None:
    """Why it cannot be read; None: it is."""
    path = f"{MEMORY}{kind}/a"
    found = recorded([Item(path, json.dumps({"own": own}).encode(), 7, 7)], KINDS)
    if path in found.unreadable:
        return found.unreadable[path]
    assert found.memory[Key(kind, "a")].own == own
    return None


@pytest.mark.parametrize("kind", KEPT)
def test_what_is_kept_is_read_with_what_another_release_keeps_beside_it(kind: str) -> None:
    assert read(kind, KEPT[kind]) is None
    assert read(kind, {**KEPT[kind], "later": {"x": {"y": [1]}}}) is None
    assert read(kind, {}) is None


@pytest.mark.parametrize(("kind", "what"), TABLES)
def test_another_type_in_its_place_is_not_read_and_not_told(kind: str, what: str) -> None:
    sound = KEPT[kind][what]
    like_it = [[SECRET]] if isinstance(sound, list) else []
    for each in MISSHAPEN:
        if each not in like_it:
            why = read(kind, {what: each})
            assert why is not None, each
            assert SECRET not in why


def test_an_owner_that_names_no_instance_is_not_read_and_not_told() -> None:
    for each in (SECRET, f"{SECRET}/core1", f"a/core1/7/{SECRET}"):
        why = read("elasticsearch", {"owners": {"/services/es/1": each}})
        assert why is not None
        assert SECRET not in why


@pytest.mark.parametrize(("kind", "what"), TIMED)
def test_what_is_no_time_with_its_zone_is_not_read_where_a_time_is_kept(
    kind: str, what: str
) -> None:
    for each in NO_TIMES:
        why = read(kind, {what: {"x": each}})
        assert why is not None, each
        assert SECRET not in why
