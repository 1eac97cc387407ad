"""The gates that keep steps in order: one leader, what others need first, what was seen."""

from dataclasses import replace
from datetime import timedelta

from steersman.engine.gates.asked import Asked, passed, wait
from steersman.engine.home.records import held_by
from steersman.model.kind import Kinds, Verdict
from steersman.model.resource import Key
from steersman.model.status import NOT_CONFIGURED
from steersman.model.teardown import DELETED
from steersman.model.world import World

GUARD_LOOK = timedelta(seconds=10)


def leader(asked: Asked) -> Verdict:
    if asked.world.leading:
        return passed("leader")
    return wait("leader", "NotLeading", "another daemon has the lease, or nobody yet")


def records(asked: Asked) -> Verdict:
    """What was done or promised before may stand in what cannot be read."""
    path = held_by(asked.step, asked.world.unreadable)
    if path is None:
        return passed("records")
    message = f"{path} cannot be read ({asked.world.unreadable[path]})"
    return wait("records", "RecordUnreadable", message)


def dependencies(asked: Asked) -> Verdict:
    for key in depends_on(asked.step.key, asked.world, asked.kinds):
        if key not in asked.world.resources:
            why = "not accepted" if key in asked.world.acceptance else "not there"
            return wait("dependencies", "DependencyMissing", f"{key} is {why}")
        status = asked.world.statuses.get(key)
        if status is None or not status.holds("Established"):
            return wait("dependencies", "DependencyNotReady", f"{key} was not ready yet")
    return passed("dependencies")


def referrers(asked: Asked) -> Verdict:
    """What others need is taken down after them."""
    key, world = asked.step.key, asked.world
    if not asked.metadata.deleting:
        return passed("referrers")
    left = [str(each) for each in world.referrers.get(key, ()) if not _gone(each, world)]
    if left:
        return wait("referrers", "ReferrersLeft", f"still needed by {', '.join(left)}")
    return passed("referrers")


def pending(asked: Asked) -> Verdict:
    """One write to a target at a time. A call whose answer was lost may be repeated: it goes out
    under the same attempt, so it has one effect."""
    target = asked.step.target
    if target in asked.ledger.running:
        return wait("pending", "CallUnderWay", f"{target}: a call is on its way")
    known = asked.world.pending.get(target)
    if known is None or (known.unanswered and known.action == asked.step.action.name):
        return passed("pending")
    message = f"{target}: {known.action} is not seen yet"
    until = known.deadline if asked.now < known.deadline else None  # a look at the target ends it
    return wait("pending", "EffectNotSeen", message, until)


def fresh(asked: Asked) -> Verdict:
    for source in (*asked.kinds[asked.step.key.kind].needs, *asked.step.rests_on):
        if source in asked.world.unset:
            return wait("fresh", NOT_CONFIGURED, f"{asked.world.unset[source]} is not set")
        if not asked.world.fresh(source, asked.now):
            at = asked.world.snapshot(source).observed_at
            seen = f"last seen {at:%H:%M:%S}" if at else "not seen yet"
            return wait("fresh", "ObservationStale", f"{source} {seen}")
    return passed("fresh")


def guards(asked: Asked) -> Verdict:
    """Those are asked who use what the step changes, or what goes down with it. Of the latter
    nobody hears when they change their mind: they are asked again."""
    held = _held_by(asked.step.key, asked)
    if held is not None:
        return held
    for group in asked.step.disrupts:
        if group != asked.step.key and (held := _held_by(group, asked)):
            return replace(held, until=held.until or asked.now + GUARD_LOOK)
    return passed("guards")


def _held_by(used: Key, asked: Asked) -> Verdict | None:
    """What the first says of those who reference it and object."""
    for key in asked.world.referrers.get(used, ()):
        guard, resource = asked.kinds[key.kind].guards, asked.world.resources[key]
        verdict = guard(resource, asked.step, asked.world, asked.now) if guard else None
        if verdict is not None and not verdict.passed:
            return verdict
    return None


def depends_on(key: Key, world: World, kinds: Kinds) -> tuple[Key, ...]:
    """Whose being Established the first steps of a resource wait for."""
    resource = world.resources[key]
    kind = kinds[key.kind]
    own = (kind.dependencies or kind.references)(resource.spec)
    return (*resource.metadata.depends_on, *own)


def _gone(key: Key, world: World) -> bool:
    """Whether nothing is left of it, and nothing is to come."""
    status = world.statuses.get(key)
    deleted = status is not None and status.holds(DELETED)
    return deleted and world.resources[key].metadata.deleting
