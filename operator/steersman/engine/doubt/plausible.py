"""Plausibility: what vanishes within a short time, and is too much to be true, is held for a while
and cross-checked with another source before a step may rest on it. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from steersman.engine.doubt import witness
from steersman.engine.doubt.census import CENSUSES, Census
from steersman.engine.requests import acknowledged
from steersman.model.hold import Hold, Lost, Went, implausible
from steersman.model.kind import Kinds, Verdict
from steersman.model.plan import Effect, Step, Target
from steersman.model.world import World

GATE = "plausible"
# For so long it is known that an instance was at an address: longer than fleet believes a
# machine to be alive that nobody hears of.
DEPARTED_KEPT = timedelta(minutes=10)
# Here a creation is refused where something stands, whatever was seen: it can do no harm.
CREATES_SAFELY = frozenset({"keys"})


def judged(source: str, before: World, after: World, now: datetime) -> World:
    """`after`, which has a new snapshot of a source, with the holds that are to be kept and those
    that it begins, and with the addresses that instances have left lately."""
    if source == "compute":
        after = replace(after, departed=_departed(before, after, now))
    kept = (_kept(hold, after, now) for hold in before.holds.values())
    looks = [_looked(each, before, after, now) for each in CENSUSES if each.source == source]
    holds = (*kept, *(hold for _, _, hold in looks))
    return replace(
        after,
        holds={hold.name: hold for hold in holds if hold},
        went={**before.went, **{what: went for what, went, _ in looks}},
    )


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


def _looked(
    census: Census, before: World, after: World, now: datetime
) -> tuple[str, Mapping[Target, Went], Hold | None]:
    """What is known by now to have gone lately, and the hold that this begins."""
    went = _went(census, before, after, now)
    hold = _begun(census, went, before, after, now)
    if hold is not None:
        told = {at: replace(went[at], told=True) for at in hold.targets}
        went = {**went, **told}
    return census.what, went, hold


def _went(census: Census, before: World, after: World, now: datetime) -> Mapping[Target, Went]:
    """What went within the time that a loss takes to settle."""
    known = {
        target: each
        for target, each in before.went.get(census.what, {}).items()
        if now - each.at < after.settle
    }
    if before.snapshot(census.source).observed_at is None:
        return known
    ours = {at: Lost(at) for at, each in after.pending.items() if each.effect is Effect.DESTROY}
    seen = {each.target: each for each in census.all_lost(before, after)}
    for target, lost in (ours | seen).items():
        told = target in after.pending or (target in known and known[target].told)
        known[target] = Went(lost, now, told)
    return known


def _begun(
    census: Census, went: Mapping[Target, Went], before: World, after: World, now: datetime
) -> Hold | None:
    counted = {at: each for at, each in went.items() if _counts(at, each, after, now)}
    if all(each.at < now for each in counted.values()):
        return None
    up = census.all_up(after)
    lost = tuple(
        each.lost
        for target, each in counted.items()
        if target not in up
        and witness.sees(census.source, census.what, each.lost, after, each.at, now) is not False
    )
    if not lost:
        return None
    total = len(census.all_up(before) | {each.target for each in lost})
    emptied = not census.table(after)
    if not emptied and not implausible(len(lost), total):
        return None
    name = f"{census.source}-{_digest(now, lost)}"
    until = now + after.settle
    return Hold(name, census.source, census.what, lost, total, now, until, emptied)


def _counts(target: Target, went: Went, world: World, now: datetime) -> bool:
    """What goes now does, but for our own doing. What went before does unless it was held: what
    comes and goes again and again would hold everything for ever."""
    return target not in world.pending if went.at == now else not went.told


def ending(hold: Hold, world: World, now: datetime) -> str | None:
    """Why it is over, in words; None: it is not."""
    if acknowledged(world, hold.name, now):
        return "acknowledged"
    left, doubtful = _as_it_is(hold, world, now)
    if not left.lost:
        return "all of it is back"
    if not doubtful:
        return "another source confirms it"
    if not (left.emptied or implausible(doubtful, hold.total)):
        return "what is left of it is plausible"
    return None if left.in_force(now) else "settled, and nothing speaks against it"


def _kept(hold: Hold, world: World, now: datetime) -> Hold | None:
    return None if ending(hold, world, now) else _as_it_is(hold, world, now)[0]


def _as_it_is(hold: Hold, world: World, now: datetime) -> tuple[Hold, int]:
    """The hold as it is by now, and how much of it nobody confirms."""
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
    return left, sum(look is not False for look in looks)


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
