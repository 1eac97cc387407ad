"""Nodes beyond the replicas that the document asks for: each is deleted, by its number."""

from collections.abc import Iterator

from steersman.kinds.nodepool.observe import Observed, Surplus
from steersman.kinds.nodepool.spec import NodePool
from steersman.kinds.nodepool.teardown import DeleteInstance
from steersman.model.plan import Effect, Step, much
from steersman.model.resource import Resource

REASON = "MoreThanAsked"


def surplus(resource: Resource[NodePool], observed: Observed) -> Iterator[Step]:
    replicas = resource.spec.replicas
    shrinks = much(replicas + len(observed.surplus), replicas)
    reachable = (
        each for each in observed.surplus if each.instance.zone not in observed.unreachable
    )
    # one for each name: a second instance of it has its turn when the first is gone
    for each in {each.target: each for each in reachable}.values():
        yield _step(resource, each, shrinks=shrinks)


def _step(resource: Resource[NodePool], surplus: Surplus, *, shrinks: bool) -> Step:
    """It takes the units that run there with it, and a node from those that the pool may miss."""
    found, replicas = surplus.instance, resource.spec.replicas
    said = f"{found.name} in {found.zone} is more than the {replicas} asked for"
    return Step(
        resource.key,
        surplus.target,
        DeleteInstance(found.zone, found.name, found.id),
        REASON,
        Effect.DESTROY,
        f"{said}: delete it, with its disks",
        disrupts=(resource.key, *surplus.hosts) if surplus.runs else (),
        shrinks=shrinks,
        # what runs there is told by fleet alone
        rests_on=("fleet",) if resource.spec.health.fleet else (),
    )
