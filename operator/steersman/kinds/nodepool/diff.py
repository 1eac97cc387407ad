"""Where the instances are not as the nodepool's document asks."""

import hashlib
from collections.abc import Iterator

from steersman.kinds.nodepool.observe import Member, Observed, Phase
from steersman.kinds.nodepool.spec import NodePool
from steersman.model.drift import Difference, Drift
from steersman.model.observed import Instance
from steersman.model.resource import Resource

REPLICAS = "spec.replicas"
TAGS = "spec.tags"
LABELS = "spec.labels."
METADATA = "spec.metadata."
MACHINE_TYPE_PATH = "spec.machineType"


def diff(resource: Resource[NodePool], observed: Observed) -> Drift:
    if not observed.known:
        return Drift(known=False)
    of_members = (each for member in observed.members for each in _member(resource.spec, member))
    more = (*(each.instance for each in observed.surplus), *observed.extra)
    of_others = (
        Difference(f"compute:{each.name}", REPLICAS, "absent", each.status) for each in more
    )
    return Drift((*of_members, *of_others))


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
        yield Difference(target, MACHINE_TYPE_PATH, spec.machine_type, instance.machine_type)
    if sorted(instance.tags) != sorted(spec.tags):
        yield Difference(target, TAGS, _listed(spec.tags), _listed(instance.tags))
    for key, value in spec.labels.items():
        there = instance.labels.get(key)
        if there != value:
            yield Difference(target, f"{LABELS}{key}", value, there or "absent")
    for key, item in spec.metadata.items():
        wanted, seen = hashlib.sha256(item.encode()).hexdigest(), instance.metadata_sha256.get(key)
        if seen != wanted:
            yield Difference(target, f"{METADATA}{key}", _hashed(wanted), _hashed(seen))


def _hashed(sha256: str | None) -> str:
    """What it stands for may be secret."""
    return f"sha256 {sha256}" if sha256 else "absent"


def _listed(tags: tuple[str, ...]) -> str:
    return ", ".join(sorted(tags)) or "none"
