"""The operator's records: what changed is read, and nothing else has to be."""

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from steersman.engine.home.records import (
    ACCEPTED,
    BOOTSTRAP,
    INTENTS,
    MEMORY,
    Recorded,
    recorded,
    revised,
)
from steersman.model.ports import Item
from steersman.model.shared import Shared
from tests.engine.toy import KINDS

BROKEN = "{"


def claim(revision: int) -> dict[str, Any]:
    return {"store": "home", "revision": revision, "sha256": "0" * 64, "document": "spec: {}"}


def begun(name: str, attempt: str) -> dict[str, Any]:
    return {
        "key": {"kind": "lamp", "name": name},
        "target": {"system": "compute", "name": name},
        "action": "Light",
        "effect": "repair",
        "attempt": attempt,
        "since": "2014-09-01T12:00:00Z",
        "deadline": "2014-09-01T12:10:00Z",
    }


BODIES: Mapping[str, tuple[Any, ...]] = {
    f"{ACCEPTED}lamp/a": (claim(3), claim(4), BROKEN),
    f"{ACCEPTED}lamp/b": (claim(5), BROKEN),
    f"{ACCEPTED}nothing": (claim(6), BROKEN),
    f"{MEMORY}lamp/a": ({"own": {"done": ["Light"]}}, {"own": {"done": [1]}}, BROKEN),
    f"{MEMORY}lamp/b": ({"own": {}}, BROKEN),
    f"{INTENTS}compute/a": (begun("a", "1"), begun("a", "2"), BROKEN),
    f"{INTENTS}compute/b": (begun("b", "1"), BROKEN),
    f"{BOOTSTRAP}post": ({"phase": "forming", "seed": "1"}, {"phase": "formed", "seed": "1"}),
    "/steersman/events/1": ("", BROKEN),
}
HOMES = st.fixed_dictionaries(
    {}, optional={path: st.sampled_from(each) for path, each in BODIES.items()}
)


def shared(home: Mapping[str, Any]) -> Shared[str, Item]:
    values = {path: json.dumps(body).encode() for path, body in home.items()}
    return Shared({path: Item(path, value, 1, 1) for path, value in values.items()})


@given(st.lists(HOMES, min_size=1, max_size=4))
def test_what_is_revised_change_by_change_is_as_if_all_was_read_anew(
    homes: list[Mapping[str, Any]],
) -> None:
    known, before = Recorded(), shared({})
    for now in map(shared, homes):
        known, before = revised(known, now.differing(before), now, KINDS), now

        assert known == recorded(now.values(), KINDS)
