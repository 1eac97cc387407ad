"""Settling: whether what a step was meant to do is seen in the World by now. Pure."""

from dataclasses import dataclass
from datetime import datetime

from steersman.engine.ledger import Ledger
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.outcome import (
    BootstrapIs,
    KeyGone,
    KeysAt,
    OperationDone,
    Pending,
    UnitGone,
    UnitIs,
)
from steersman.model.plan import Effect
from steersman.model.world import World

SOURCES = frozenset({"compute", "fleet", "keys"})  # systems of targets that informers look at


@dataclass(frozen=True, slots=True)
class Settled:
    """`error` None: the effect is there. `known` False: nobody can tell; look and plan again."""

    error: OutsideError | None = None
    known: bool = True


def settle(pending: Pending, world: World, ledger: Ledger, now: datetime) -> Settled | None:
    """None: it is still open."""
    if pending.target in ledger.running:
        return None
    if pending.expects is None:
        return _unanswered(pending, world, now)
    settled = _seen(pending, world)
    if settled is None and now >= pending.deadline and _looked(pending, world):
        message = f"{pending.action} was answered, but its effect was not seen in time"
        return Settled(OutsideError(ErrorClass.TRANSIENT, "not-seen", message))
    return settled


def _looked(pending: Pending, world: World) -> bool:
    """Whether its system was read at the deadline: who could not look has not missed the effect,
    and would repeat what was done."""
    if pending.target.system not in SOURCES:
        return True
    read = world.snapshot(pending.target.system).observed_at
    return read is not None and read >= pending.deadline


def _seen(pending: Pending, world: World) -> Settled | None:
    match pending.expects:
        case OperationDone(operation=name):
            return _operation(name, world)
        case UnitIs():
            return _unit_is(pending, pending.expects, world)
        case UnitGone(name=name):
            read = _read_since(pending, world)
            gone = name not in world.fleet.units and name not in world.fleet.states
            return Settled() if read and gone else None
        case KeysAt(revision=revision):
            return Settled() if world.keys.seen(pending.target.name, revision) else None
        case KeyGone(revision=revision):
            item = world.keys.items.get(pending.target.name)
            return Settled() if item is None or item.revision > revision else None
        case BootstrapIs(cluster=cluster, phase=phase):
            known = world.bootstraps.get(cluster)
            return Settled() if known and known.phase == phase else None
        case None:
            return None


def _unanswered(pending: Pending, world: World, now: datetime) -> Settled | None:
    """The call was sent, or not; its answer never came. What Compute Engine was asked for stays
    open, so that it is repeated under the same attempt; everything else is an absolute state, and
    a later read tells whether it is there."""
    if pending.target.system == "compute":
        place = f"{pending.attributes.get('zone')}/{pending.target.name}"
        if pending.effect is Effect.CREATE and place in world.compute.instances:
            return Settled()
        if pending.effect is Effect.DESTROY and _vanished(pending, place, world):
            return Settled()
        given_up = now >= pending.deadline or _moved_on(pending, place, world)
        return Settled(known=False) if given_up else None
    if pending.target.system not in SOURCES:
        return Settled(known=False)
    read = world.snapshot(pending.target.system).observed_at
    return Settled(known=False) if read and read > pending.since else None


def _vanished(pending: Pending, place: str, world: World) -> bool:
    """Whether a read that began after the call was sent shows it no more."""
    read, zone = world.compute.observed_at, place.partition("/")[0]
    seen = read is not None and read > pending.since and zone not in world.compute.unreachable
    return seen and place not in world.compute.instances


def _moved_on(pending: Pending, place: str, world: World) -> bool:
    """Whether what exists is not as it was when the call was sent: then the call arrived, or no
    longer matters, and a later step of the same kind needs an attempt of its own, as Compute
    Engine takes each attempt once."""
    instance = world.compute.instances.get(place)
    since = instance.since if instance else None
    return pending.effect is not Effect.CREATE and since is not None and since > pending.since


def _operation(name: str, world: World) -> Settled | None:
    operation = world.compute.operations.get(name)
    if operation is None or not operation.done:
        return None
    return Settled(operation.error)


def _unit_is(pending: Pending, wanted: UnitIs, world: World) -> Settled | None:
    unit = world.fleet.units.get(wanted.name)
    if unit is None or not _read_since(pending, world):
        return None
    as_written = (unit.hash, unit.desired_state) == (wanted.hash, wanted.desired)
    current = wanted.current in (None, unit.current_state)
    return Settled() if as_written and current else None


def _read_since(pending: Pending, world: World) -> bool:
    at = world.fleet.observed_at
    return at is not None and at > pending.since
