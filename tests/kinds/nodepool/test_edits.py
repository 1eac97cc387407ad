"""Labels, tags and metadata of nodes that are there follow the document; nothing else does."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import pytest

from steersman.kinds.nodepool import KIND
from steersman.kinds.nodepool.edits import UpdateInstance
from steersman.model.observed import Instance
from steersman.model.plan import Effect, Plan
from steersman.model.ports import Edit, Labels, Metadata, Tags
from tests.kinds.builders import ZONE, compute, fleet, machine, world
from tests.kinds.nodepool.support import node, plan_in, pool, target

ITEMS = {"serial-port-enable": "1", "enable-oslogin": "TRUE"}
SPEC: Mapping[str, Any] = {
    "replicas": 1,
    "labels": {"role": "core"},
    "tags": ["core", "etcd"],
    "metadata": ITEMS,
}
CORE = pool(**SPEC)
MARKS = node(CORE, 1).labels
HASHES = {key: sha256(value.encode()).hexdigest() for key, value in ITEMS.items()}
SEEN = {
    "tags": ("core", "etcd"),
    "metadata_sha256": HASHES,
    "labels_fingerprint": "L1",
    "tags_fingerprint": "T1",
}


def there(**fields: Any) -> Instance:
    """A node that is as the document asks, but for this."""
    return node(CORE, 1, **{**SEEN, **fields})


def planned(found: Instance, *, unreachable: tuple[str, ...] = ()) -> Plan:
    seen = compute(found, unreachable=unreachable)
    return plan_in(world(CORE, compute=seen, fleet=fleet(machine(1))), CORE)


CASES = [
    pytest.param({}, None, id="one that is as asked is left alone"),
    pytest.param(
        {"labels": {**MARKS, "role": "web"}},
        Labels(MARKS, "L1"),
        id="a label of another value",
    ),
    pytest.param(
        {"labels": {key: MARKS[key] for key in MARKS if key != "role"}},
        Labels(MARKS, "L1"),
        id="a label that is missing",
    ),
    pytest.param(
        {"labels": {**MARKS, "role": "web", "team": "search"}},
        Labels({**MARKS, "team": "search"}, "L1"),
        id="labels that the document does not name are kept",
    ),
    pytest.param({"labels": {**MARKS, "team": "search"}}, None, id="and alone cause no edit"),
    pytest.param({"tags": ("core",)}, Tags(("core", "etcd"), "T1"), id="a tag that is missing"),
    pytest.param(
        {"tags": ("core", "etcd", "open")}, Tags(("core", "etcd"), "T1"), id="a tag too many"
    ),
    pytest.param(
        {"labels": {**MARKS, "role": "web"}, "tags": ()},
        Labels(MARKS, "L1"),
        id="labels first, tags when that is done",
    ),
    pytest.param(
        {"metadata_sha256": {**HASHES, "enable-oslogin": "other"}},
        Metadata(ITEMS),
        id="an item of another value",
    ),
    pytest.param({"metadata_sha256": {}}, Metadata(ITEMS), id="items that are missing"),
    pytest.param(
        {"metadata_sha256": {**HASHES, "ssh-keys": "theirs"}},
        None,
        id="items that the document does not name are other people's",
    ),
    pytest.param({"tags": (), "status": "STOPPING"}, None, id="not one that is on its way down"),
]


@pytest.mark.parametrize(("fields", "edit"), CASES)
def test_edits(fields: dict[str, Any], edit: Edit | None) -> None:
    actions = [step.action for step in planned(there(**fields)).steps]
    assert actions == ([UpdateInstance(ZONE, "core1", "1001", edit)] if edit else [])


def test_an_edit_takes_nothing_away() -> None:
    (step,) = planned(there(tags=())).steps
    assert (step.target, step.effect, step.reason) == (target(1), Effect.REPAIR, "TagsDiffer")
    assert (step.disrupts, KIND.attributes(step)) == ((), {"zone": ZONE})


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({"labels": {**MARKS, "role": "web"}, "tags": ()}, {"spec.labels.role": "core"}),
        ({"tags": ()}, {"spec.tags": "core, etcd"}),
        (
            {"metadata_sha256": {**HASHES, "enable-oslogin": "other"}},
            {"spec.metadata.enable-oslogin": f"sha256 {HASHES['enable-oslogin']}"},
        ),
    ],
    ids=["labels", "tags", "metadata"],
)
def test_what_somebody_else_may_fight_over(fields: dict[str, Any], left: dict[str, str]) -> None:
    (step,) = planned(there(**fields)).steps
    assert KIND.declares(step) == left


def test_no_value_of_the_metadata_is_told() -> None:
    plan = planned(there(metadata_sha256={}))
    assert "TRUE" not in repr(plan)


def test_a_node_of_a_zone_that_does_not_answer_is_left() -> None:
    assert planned(there(tags=()), unreachable=(ZONE,)).steps == ()
