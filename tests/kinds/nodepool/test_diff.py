"""What counts as drift of a nodepool."""

from typing import Any

import pytest

from steersman.kinds.nodepool import KIND
from steersman.model.observed import ComputeSnapshot
from tests.kinds.builders import compute, fleet, instance, world
from tests.kinds.nodepool.support import node, observed_in, pool

DRIFTS = [
    pytest.param({}, [node(pool(), 1)], [], id="a node as the document asks is no drift"),
    pytest.param({}, [], [("spec.replicas", "RUNNING", "absent")], id="an absent node is drift"),
    pytest.param(
        {},
        [node(pool(), 1, status="TERMINATED")],
        [("spec.replicas", "RUNNING", "TERMINATED")],
        id="a stopped node is drift",
    ),
    pytest.param(
        {}, [node(pool(), 1, status="STOPPING")], [], id="a node that is stopping is on its way"
    ),
    pytest.param(
        {}, [node(pool(), 1, status="STAGING")], [], id="a node that is coming up is on its way"
    ),
    pytest.param(
        {},
        [instance("core1")],
        [("spec.replicas", "a node of this pool", "somebody else's instance")],
        id="a taken name is drift",
    ),
    pytest.param(
        {},
        [node(pool(), 1), node(pool(), 2)],
        [("spec.replicas", "absent", "RUNNING")],
        id="a node too many is drift",
    ),
    pytest.param(
        {"machineType": "n1-standard-2"},
        [node(pool(), 1)],
        [("spec.machineType", "n1-standard-2", "g1-small")],
        id="another machine type is drift",
    ),
    pytest.param(
        {"tags": ["web", "core"]},
        [node(pool(), 1, tags=("core",))],
        [("spec.tags", "core, web", "core")],
        id="a missing tag is drift",
    ),
    pytest.param(
        {"tags": ["web", "core"]},
        [node(pool(), 1, tags=("core", "web"))],
        [],
        id="the order of tags means nothing",
    ),
    pytest.param(
        {"labels": {"role": "core"}},
        [node(pool(), 1)],
        [("spec.labels.role", "core", "absent")],
        id="a missing label is drift",
    ),
    pytest.param(
        {},
        [node(pool(labels={"goog-managed": "yes"}), 1)],
        [],
        id="a label that the document does not name is other people's",
    ),
]


@pytest.mark.parametrize(("spec", "instances", "drift"), DRIFTS)
def test_drift(spec: dict[str, Any], instances: list[Any], drift: list[Any]) -> None:
    one = pool(replicas=1, **spec)
    found = KIND.diff(one, observed_in(world(one, compute=compute(*instances), fleet=fleet()), one))
    assert [(each.path, each.desired, each.observed) for each in found.differences] == drift


def test_nothing_is_known_to_drift_before_compute_was_read() -> None:
    one = pool()
    drift = KIND.diff(one, observed_in(world(one, compute=ComputeSnapshot()), one))
    assert not drift.known
    assert not drift
