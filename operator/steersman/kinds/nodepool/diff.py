"""Where the instances are not as the nodepool's document asks."""

from collections.abc import Iterator

from steersman.kinds.nodepool.observe import Member, Observed, Phase
from steersman.kinds.nodepool.spec import NodePool
from steersman.model.drift import Difference, Drift
from steersman.model.observed import Instance
from steersman.model.resource import Resource

REPLICAS = "spec.replicas"


def diff(resource: Resource[NodePool], observed: Observed) -> Drift:
    if not observed.known:
        return Drift(known=False)
    of_members = (each for member in observed.members for each in _member(resource.spec, member))
    extra = (
        Difference(f"compute:{each.name}", REPLICAS, "absent", each.status)
        for each in observed.extra
    )
    return Drift((*of_members, *extra))


def _member(spec: NodePool, member: Member) -> Iterator[Difference]:
    target = str(member.target)
    if member.phase is Phase.FOREIGN:
        yield Difference(target, REPLICAS, "a node of this pool", "somebody else's instance")
    elif member.phase is Phase.UNKNOWN:
        return
    elif member.instance is None:
        yield Difference(target, REPLICAS, "RUNNING", "absent")
    else:
        if member.phase is Phase.STOPPED:
            yield Difference(target, REPLICAS, "RUNNING", member.instance.status)
        yield from _fields(spec, member.instance, target)


def _fields(spec: NodePool, instance: Instance, target: str) -> Iterator[Difference]:
    """Only what the document declares is compared: other labels are other people's."""
    if instance.machine_type != spec.machine_type:
        yield Difference(target, "spec.machineType", spec.machine_type, instance.machine_type)
    if sorted(instance.tags) != sorted(spec.tags):
        yield Difference(target, "spec.tags", _listed(spec.tags), _listed(instance.tags))
    for key, value in spec.labels.items():
        there = instance.labels.get(key)
        if there != value:
            yield Difference(target, f"spec.labels.{key}", value, there or "absent")


def _listed(tags: tuple[str, ...]) -> str:
    return ", ".join(sorted(tags)) or "none"
