"""Plausibility: what vanishes in one snapshot, and is too much to be true, is held for a while and
cross-checked with another source before a step may rest on it. Pure."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from steersman.engine import witness
from steersman.engine.interests import differing
from steersman.engine.requests import acknowledged
from steersman.model.hold import Hold, Lost, implausible
from steersman.model.kind import Kinds, Verdict
from steersman.model.observed import Instance, KeyItem, Machine, UnitState
from steersman.model.plan import Effect, Step, Target
from steersman.model.world import World

States = tuple[UnitState, ...]

GATE = "plausible"
# For so long it is known that an instance was at an address: longer than fleet believes a
# machine to be alive that nobody hears of.
DEPARTED_KEPT = timedelta(minutes=10)
REGISTERED = "/services/"
# Here a creation is refused where something stands, whatever was seen: it can do no harm.
CREATES_SAFELY = frozenset({"keys"})


@dataclass(frozen=True, slots=True)
class Census:
    """One sort of things that a source shows. `table` has all of them; `up` gives the target of
    an entry that is up, with what `lost` has to know of it; `lost` tells how that went, None if
    it is there or went for a known reason."""

    source: str
    what: str
    table: Callable[[World], Mapping[str, Any]]
    up: Callable[[str, Any, World], tuple[Target, Any] | None]
    lost: Callable[[Target, Any, World], Lost | None]

    def all_up(self, world: World) -> frozenset[Target]:
        seen = (self.up(name, entry, world) for name, entry in self.table(world).items())
        return frozenset(each[0] for each in seen if each)

    def all_lost(self, before: World, after: World) -> Iterator[Lost]:
        """What was up before; a look at what changed is enough."""
        table = self.table(before)
        for name in differing(table, self.table(after)) & table.keys():
            was = self.up(name, table[name], before)
            lost = self.lost(*was, after) if was else None
            if lost:
                yield lost


def judged(source: str, before: World, after: World, now: datetime) -> World:
    """`after`, which has a new snapshot of a source, with the holds that are to be kept and those
    that it begins, and with the addresses that instances have left lately."""
    if source == "compute":
        after = replace(after, departed=_departed(before, after, now))
    kept = (_kept(hold, after, now) for hold in before.holds.values())
    begun = (_begun(each, before, after, now) for each in CENSUSES if each.source == source)
    return replace(after, holds={hold.name: hold for hold in (*kept, *begun) if hold})


def resumed(recorded: Mapping[str, Hold], world: World, now: datetime) -> Mapping[str, Hold]:
    """The holds of a daemon that takes over: those that another one recorded, counted anew, and
    its own where they are about something else."""
    known = {(hold.what, target) for hold in recorded.values() for target in hold.targets}
    own = {
        name: hold
        for name, hold in world.holds.items()
        if not {(hold.what, target) for target in hold.targets} <= known
    }
    return own | {name: hold.renewed(now, world.settle) for name, hold in recorded.items()}


def plausible(step: Step, kinds: Kinds, world: World, now: datetime) -> Verdict:
    """Whether nothing that the step rests on is in doubt."""
    for hold in world.holds.values():
        held = hold.in_force(now) and _rests_on(step, hold, kinds)
        if held and not acknowledged(world, hold.name, now):
            message = f"{hold.message} (steersman acknowledge {hold.name})"
            until = hold.until if now < hold.until else None
            return Verdict(GATE, False, "ImplausibleLoss", message, until)
    return Verdict(GATE, passed=True)


def _rests_on(step: Step, hold: Hold, kinds: Kinds) -> bool:
    """A creation does, too, if what it would make may still be there."""
    if hold.source not in (*kinds[step.key.kind].needs, *step.rests_on):
        return False
    if step.effect is not Effect.CREATE:
        return True
    there_still = hold.emptied or step.target in hold.targets
    return there_still and hold.source not in CREATES_SAFELY


def _begun(census: Census, before: World, after: World, now: datetime) -> Hold | None:
    if before.snapshot(census.source).observed_at is None:
        return None
    lost = tuple(
        each
        for each in census.all_lost(before, after)
        if each.target not in after.pending  # that is our own doing
        and witness.sees(census.source, census.what, each, after, now, now) is not False
    )
    if not lost:
        return None
    total, emptied = len(census.all_up(before)), not census.table(after)
    if not emptied and not implausible(len(lost), total):
        return None
    name = f"{census.source}-{_digest(now, lost)}"
    until = now + after.settle
    return Hold(name, census.source, census.what, lost, total, now, until, emptied)


def _kept(hold: Hold, world: World, now: datetime) -> Hold | None:
    """None: it came back, is confirmed, was looked at, or has settled."""
    census = next(each for each in CENSUSES if each.what == hold.what)
    if now < hold.since:  # the clock was set back
        hold = hold.renewed(now, world.settle)
    up = census.all_up(world)
    lost = tuple(each for each in hold.lost if each.target not in up)
    looks = [witness.sees(hold.source, hold.what, each, world, hold.since, now) for each in lost]
    left = replace(
        hold,
        lost=lost,
        emptied=hold.emptied and len(lost) == len(hold.lost),
        contradicted=any(looks),
    )
    doubtful = sum(look is not False for look in looks)
    believed = not doubtful or not (left.emptied or implausible(doubtful, hold.total))
    if believed or not left.in_force(now) or acknowledged(world, hold.name, now):
        return None
    return left


def _digest(now: datetime, lost: Iterable[Lost]) -> str:
    """Tells one occasion from the next."""
    text = f"{now.isoformat()} {' '.join(sorted(str(each.target) for each in lost))}"
    return hashlib.sha256(text.encode()).hexdigest()[:6]


def _departed(before: World, after: World, now: datetime) -> Mapping[str, datetime]:
    """The addresses where an instance was and none is any more, with when that was seen."""
    there = {each.ip for each in after.compute.instances.values()}
    gone = {
        each.ip: now
        for each in before.compute.instances.values()
        if each.ip and each.ip not in there and each.zone not in after.compute.unreachable
    }
    known = {
        ip: at for ip, at in before.departed.items() if ip not in there and now - at < DEPARTED_KEPT
    }
    return known | gone


def _instance_up(_place: str, entry: Instance, _world: World) -> tuple[Target, Any] | None:
    return (Target("compute", entry.name), entry) if entry.status == "RUNNING" else None


def _instance_lost(target: Target, was: Instance, world: World) -> Lost | None:
    there = world.compute.instances.get(f"{was.zone}/{was.name}")
    if was.zone in world.compute.unreachable or (there and there.status == "RUNNING"):
        return None
    node = world.topology.by_ip.get(was.ip or "")
    return Lost(
        target, was.ip, there is None, watched=node is not None and node.machine is not None
    )


def _machine_up(_id: str, entry: Machine, _world: World) -> tuple[Target, Any] | None:
    return Target("fleet", entry.id), entry


def _machine_lost(target: Target, was: Machine, world: World) -> Lost | None:
    return None if was.id in world.fleet.machines else Lost(target, was.ip)


def _unit_up(name: str, entry: States, world: World) -> tuple[Target, Any] | None:
    active = next((each for each in entry if each.active == "active"), None)
    return (Target("fleet", name), world.topology.machine_ip(active.machine_id)) if active else None


def _unit_lost(target: Target, ip: str | None, world: World) -> Lost | None:
    """One that fleet shall no longer run was taken down on purpose."""
    unit = world.fleet.units.get(target.name)
    states = world.fleet.states.get(target.name, ())
    if unit is not None and unit.desired_state != "launched":
        return None
    if any(each.active == "active" for each in states):
        return None
    return Lost(target, ip, absent=not states)


def _registration_up(key: str, _entry: KeyItem, _world: World) -> tuple[Target, Any] | None:
    return (Target("keys", key), None) if key.startswith(REGISTERED) else None


def _registration_lost(target: Target, _was: None, world: World) -> Lost | None:
    return None if target.name in world.keys.items else Lost(target)


CENSUSES = (
    Census("compute", "instances", lambda at: at.compute.instances, _instance_up, _instance_lost),
    Census("fleet", "machines", lambda at: at.fleet.machines, _machine_up, _machine_lost),
    Census("fleet", "active units", lambda at: at.fleet.states, _unit_up, _unit_lost),
    Census("keys", "registrations", lambda at: at.keys.items, _registration_up, _registration_lost),
)
