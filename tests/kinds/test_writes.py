"""What a document of each kind has to itself: no other may name it, or what lies above or below."""

from collections.abc import Mapping
from typing import Any

import pytest

from steersman.engine.acceptance.writers import clash
from steersman.kinds import KINDS
from steersman.model.resource import Key

Named = tuple[str, Mapping[str, Any]]  # a reference, and the spec of the document

SERVICE = {"content": "[Service]\nExecStart=/usr/bin/sleep 1000\n"}
POOL = {
    "zones": ["europe-west1-b"],
    "machineType": "g1-small",
    "image": {"project": "coreos-cloud", "name": "stable"},
}


def unit(reference: str, **spec: Any) -> Named:
    return reference, {**SERVICE, **spec}


def pool(reference: str, **spec: Any) -> Named:
    return reference, {**POOL, **spec}


def config(reference: str, **spec: Any) -> Named:
    return reference, {"value": "x", **spec}


def cluster(reference: str, **registration: Any) -> Named:
    return reference, {"unit": "unit/es", "clusterName": "es", "registration": registration}


TEMPLATE = unit("unit/x", instances=3)
RIVALS = [
    pytest.param(unit("unit/a", name="x.service"), unit("unit/x"), id="one unit name"),
    pytest.param(TEMPLATE, unit("unit/a", name="x@2.service"), id="an instance by its own name"),
    pytest.param(
        TEMPLATE,
        unit("unit/a", name="x@.service", instances=[3, "spare"]),
        id="one instance of several",
    ),
    pytest.param(config("configkey/a"), config("configkey/b", key="/configs/a"), id="one key"),
    pytest.param(
        config("configkey/a"),
        config("configkey/b", key="/configs/a/b"),
        id="a value where another one needs a directory",
    ),
    pytest.param(cluster("elasticsearch/a"), cluster("elasticsearch/b"), id="one registry"),
    pytest.param(
        cluster("elasticsearch/a"),
        cluster("elasticsearch/b", path="/services/elasticsearch/b"),
        id="a registry in another one's",
    ),
    pytest.param(
        cluster("elasticsearch/a"),
        cluster("elasticsearch/b", writer="sidekick"),
        id="a registry that a sidekick writes",
    ),
    pytest.param(
        pool("nodepool/a", replicas=11, nameFormat="core{ordinal}"),
        pool("nodepool/b", replicas=1, nameFormat="core1{ordinal}"),
        id="formats that make one name",
    ),
    pytest.param(
        pool("nodepool/a", replicas=2),
        pool("nodepool/b", nameFormat="a-2", zones=["europe-west1-c"]),
        id="one node name, whatever the zone",
    ),
]
FRIENDS = [
    pytest.param(TEMPLATE, unit("unit/a", name="x@4.service"), id="other instances of a template"),
    pytest.param(
        config("configkey/a", key="/configs/d/a"),
        config("configkey/b", key="/configs/d/b"),
        id="two keys of a directory",
    ),
    pytest.param(
        cluster("elasticsearch/a"),
        cluster("elasticsearch/b", writer="none"),
        id="a cluster whose nodes nobody registers",
    ),
    pytest.param(
        pool("nodepool/a", replicas=10, nameFormat="core{ordinal}"),
        pool("nodepool/b", replicas=1, nameFormat="core1{ordinal}"),
        id="formats that would make one name with more nodes",
    ),
    pytest.param(
        config("configkey/elasticsearch"), cluster("elasticsearch/a"), id="a key and a registry"
    ),
    pytest.param(unit("unit/a"), pool("nodepool/a", nameFormat="a"), id="names in two systems"),
]


def excluded(one: Named, other: Named) -> bool:
    met = {clash(_writes(a), _writes(b)) is not None for a, b in ((one, other), (other, one))}
    assert len(met) == 1, "whoever is asked"
    return met.pop()


def _writes(named: Named) -> Any:
    key, spec = Key.parse(named[0]), named[1]
    kind = KINDS[key.kind]
    whole = {**kind.spec.defaults(key.name), **spec}
    return kind.writes(key, kind.spec.model_validate(whole))


@pytest.mark.parametrize(("one", "other"), RIVALS)
def test_only_one_of_both_may_be_in_force(one: Named, other: Named) -> None:
    assert excluded(one, other)


@pytest.mark.parametrize(("one", "other"), FRIENDS)
def test_both_may_be_in_force(one: Named, other: Named) -> None:
    assert not excluded(one, other)
