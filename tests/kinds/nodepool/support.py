"""A pool, its nodes, and a Compute Engine that remembers what it was asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from steersman.kinds.nodepool import KIND
from steersman.kinds.nodepool.observe import Observed
from steersman.kinds.nodepool.spec import NodePool
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.memory import Memory
from steersman.model.observed import Instance, Operation
from steersman.model.plan import Plan, Target
from steersman.model.ports import Edit, Tags
from steersman.model.resource import Resource
from steersman.model.status import Status
from steersman.model.world import World
from tests.kinds import builders
from tests.kinds.builders import NOW, ZONE

ORDINARY: Mapping[str, Any] = {
    "replicas": 3,
    "nameFormat": "core{ordinal}",
    "zones": [ZONE],
    "machineType": "g1-small",
    "image": {"project": "coreos-cloud", "name": "coreos-alpha-423-0-0-v20140828"},
}
TOKEN: Mapping[str, Any] = {
    "variables": {"token": {"generate": "uuid"}, "where": "http://discovery:4001/v2/keys/"},
    "template": "#cloud-config\ndiscovery: {{ where }}{{ token }}\n",
}


def pool(**spec: Any) -> Resource[NodePool]:
    """The pool nodepool/core with three nodes in one zone."""
    return builders.resource(KIND, "core", {**ORDINARY, **spec})


def node(pool: Resource[NodePool], ordinal: int, **fields: Any) -> Instance:
    """A running member of the pool, as its document asks."""
    labels = {
        **pool.spec.labels,
        "steersman-uid": pool.uid,
        "steersman-ordinal": str(ordinal),
    }
    return builders.instance(f"core{ordinal}", **{"labels": labels, **fields})


def target(ordinal: int) -> Target:
    return Target("compute", f"core{ordinal}")


def plan_in(world: World, pool: Resource[NodePool]) -> Plan:
    observed = KIND.observe(pool, world)
    memory = world.memory_of(pool.key)
    return KIND.plan(pool, observed, KIND.diff(pool, observed), memory, NOW)


def status_in(world: World, pool: Resource[NodePool]) -> Status:
    observed = observed_in(world, pool)
    return KIND.status(pool, observed, KIND.diff(pool, observed), (), NOW)


def observed_in(world: World, pool: Resource[NodePool]) -> Observed:
    observed: Observed = KIND.observe(pool, world)
    return observed


def remembering(**own: Any) -> Memory:
    return Memory(own=own)


@dataclass
class FakeCompute:
    """Holds instances by zone and name; the same request id has its effect once."""

    instances: dict[tuple[str, str], Instance] = field(default_factory=dict)
    bodies: dict[str, Mapping[str, Any]] = field(default_factory=dict)  # by request id

    async def get_instance(self, zone: str, instance: str) -> Instance | None:
        return self.instances.get((zone, instance))

    async def insert_instance(
        self, zone: str, body: Mapping[str, Any], *, request_id: str, timeout_seconds: float
    ) -> Operation:
        if request_id not in self.bodies:
            if (zone, body["name"]) in self.instances:
                raise OutsideError(ErrorClass.CONFLICT, "alreadyExists", body["name"])
            self.bodies[request_id] = body
            made = builders.instance(body["name"], zone=zone, labels=body["labels"])
            self.instances[zone, made.name] = made
        return Operation(f"insert-{request_id}", zone, done=False)

    async def edit_instance(
        self, zone: str, instance: str, edit: Edit, *, request_id: str, timeout_seconds: float
    ) -> Operation:
        found = self.instances[zone, "core1"]
        assert isinstance(edit, Tags)
        if (found.id, found.tags_fingerprint) != (instance, edit.fingerprint):
            raise OutsideError(ErrorClass.CONFLICT, "conditionNotMet", instance)
        edited = replace(found, tags=edit.tags, tags_fingerprint=f"{edit.fingerprint}+")
        self.instances[zone, "core1"] = edited
        return Operation(f"edit-{request_id}", zone, done=False, target_id=instance)

    async def start_instance(
        self, zone: str, instance: str, *, request_id: str, timeout_seconds: float
    ) -> Operation:
        for path, found in self.instances.items():
            if found.id == instance and found.zone == zone:
                self.instances[path] = builders.instance(found.name, id=found.id, zone=zone)
                return Operation(f"start-{request_id}", zone, done=False, target_id=instance)
        raise OutsideError(ErrorClass.CONFLICT, "notFound", instance)
