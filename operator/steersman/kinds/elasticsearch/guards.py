"""When a node may start or stop: whoever starts has to find the cluster, and it has to bear it
when somebody stops."""

from datetime import datetime, timedelta

from steersman.kinds.elasticsearch.health import answers, fault, in_cluster, masters
from steersman.kinds.elasticsearch.observe import (
    NEEDS,
    Cluster,
    Member,
    addresses,
    observe,
)
from steersman.kinds.elasticsearch.spec import ElasticsearchSpec
from steersman.model.kind import Verdict
from steersman.model.plan import Effect, Step
from steersman.model.resource import EMPTY, Resource
from steersman.model.world import World

STARTS = frozenset({"LaunchUnit", "ReplaceUnit"})
DISRUPTIVE = frozenset({Effect.DISRUPT, Effect.DESTROY})
# How long a registered seed may do without a master before it is plain that it needs others for
# its quorum (discovery.zen.minimum_master_nodes).
ALONE_FOR = timedelta(seconds=60)

PASS = Verdict("guards", passed=True)


def guards(
    resource: Resource[ElasticsearchSpec], step: Step, world: World, now: datetime
) -> Verdict:
    """May hold the steps of the unit whose instances are the nodes, and what takes them down."""
    if resource.spec.unit_key not in (step.key, *step.disrupts):
        return PASS
    if resource.spec.registration.writer == "none":
        return PASS
    if resource.metadata.deleting or _stops_as_asked(resource, step, world):
        return PASS  # nobody asks for this cluster any more
    cluster, unit = observe(resource, world), step.target.name
    starts = step.action.name in STARTS and unit in (cluster.units or ())
    verdict = _start(unit, cluster, world, now) if starts else PASS
    if verdict.passed and step.effect in DISRUPTIVE:
        return _disruption(_taken(step, cluster, world), step.effect, cluster)
    return verdict


def _stops_as_asked(resource: Resource[ElasticsearchSpec], step: Step, world: World) -> bool:
    """Whether the unit's document asks for no node to run: its steps stop them all, and those that
    have stopped are not missed. A machine takes its disks with it, and waits as ever."""
    unit = resource.spec.unit_key
    desired = world.facts.get(unit, EMPTY).get("desired", "launched")
    return step.key == unit and desired != "launched"


def _taken(step: Step, cluster: Cluster, world: World) -> tuple[Member, ...]:
    """The nodes of a unit, whether asked for or not, or on a machine."""
    name = step.target.name
    if step.target.system == "compute":
        return tuple(at for at in cluster.members.values() if f"/{name}/" in at.instance)
    return tuple(cluster.members[ip] for ip in addresses(name, world) if ip in cluster.members)


def _start(unit: str, cluster: Cluster, world: World, now: datetime) -> Verdict:
    unseen = [source for source in NEEDS if not world.fresh(source, now)]
    if unseen:  # an unreadable registry looks empty to the shell, and the node would start alone
        return _wait("RegistryUnknown", f"not seen lately: {', '.join(unseen)}")
    if cluster.bootstrap is None:
        return _wait("BootstrapForming", "who starts alone is not recorded yet")
    if not cluster.formed:
        return _first_start(unit, cluster.bootstrap.seed, cluster, now)
    return _later_start(unit, cluster)


def _first_start(unit: str, seed: str, cluster: Cluster, now: datetime) -> Verdict:
    if unit == seed:
        return PASS
    member = cluster.at(seed)
    if member is None or member.item is None or not member.live:
        return _wait("BootstrapForming", f"{seed} starts alone; it is not registered yet")
    registered_at = member.item.since or now
    if now < registered_at + ALONE_FOR:
        message = f"{seed} is registered, but has no master yet"
        return _wait("BootstrapForming", message, registered_at + ALONE_FOR)
    return PASS


def _later_start(unit: str, cluster: Cluster) -> Verdict:
    units = cluster.units or ()
    if any(member.live and member.unit != unit for member in cluster.registered):
        return PASS
    if unit == units[0]:
        return PASS
    return _wait("LostAllSeeds", f"no other node is registered and answers; {units[0]} goes first")


def _disruption(taken: tuple[Member, ...], effect: Effect, cluster: Cluster) -> Verdict:
    spec = cluster.spec
    if not any(in_cluster(member, spec) for member in taken):
        return PASS  # it takes nothing from the cluster
    found = masters(answers(cluster))
    if len(found) > 1:
        return _wait("ClusterNotHealthy", f"several masters: {', '.join(sorted(found))}")
    for other in sorted(set(cluster.units or ()) - {member.unit for member in taken}):
        member = cluster.at(other)
        if member is None or not member.registered:
            return _wait("ClusterNotHealthy", f"{other} is not registered")
        if wrong := fault(member.last, spec):
            return _wait("ClusterNotHealthy", f"{other}: {wrong.message}")
    return _copies_elsewhere(cluster) if effect is Effect.DESTROY else PASS


def _copies_elsewhere(cluster: Cluster) -> Verdict:
    """Who goes for good may take the last copy of something with it."""
    seen = {probe.health or "not known" for probe in answers(cluster)}
    poor = sorted(seen - {"green"})
    if poor:
        return _wait("ClusterNotHealthy", f"health is {poor[0]}: some copies may be only there")
    return PASS


def _wait(reason: str, message: str, until: datetime | None = None) -> Verdict:
    return Verdict("guards", passed=False, reason=reason, message=message, until=until)
