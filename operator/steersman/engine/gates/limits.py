"""The gates that bound what is tried, how often, and how much of it at once."""

from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil

from steersman.engine.gates.asked import Asked, passed, wait
from steersman.engine.ledger import RATE_WINDOW, Ledger
from steersman.engine.pending import SOURCES
from steersman.model.circuit import Circuit, circuit_of
from steersman.model.kind import Group, Kinds, Verdict
from steersman.model.memory import backoff_key
from steersman.model.plan import Effect, Target
from steersman.model.requests import Verb, latest
from steersman.model.resource import Key
from steersman.model.world import World

# Of a kind's steps of an hour so much is kept for what is down and for holes: creations that fail
# for ever do not keep anybody from being healed.
RESERVED_SHARE = 0.25
RESERVED_FOR = frozenset({Effect.SECURE, Effect.REPAIR})
RATE_SETTING = "STEERSMAN_ACTIONS_PER_HOUR"
LOOK = timedelta(seconds=10)  # how often who waits for another's trial, or a look, looks again


def breaker(asked: Asked) -> Verdict:
    fewer = asked.world.throttled.get(asked.step.target.system)
    if fewer is not None and asked.now < fewer.until:
        message = f"{asked.step.target.system} asks for fewer calls: {fewer.reason}"
        return wait("breaker", "Throttled", message, fewer.until)
    circuit = circuit_of(asked.step.target, asked.kinds[asked.step.key.kind].attributes(asked.step))
    known = asked.world.circuits.get(circuit)
    if known is None or known.until is None:
        return passed("breaker")
    if known.open(asked.now):
        message = f"{circuit} fails for everybody: {known.reason}"
        return wait("breaker", "CircuitOpen", message, known.until)
    trials = _trials(circuit, asked) - {asked.step.target}
    if not trials:
        return passed("breaker")
    message = f"{circuit} is tried with {min(trials).name} first"
    return wait("breaker", "CircuitHalfOpen", message, asked.now + LOOK)


def backoff(asked: Asked) -> Verdict:
    step, world = asked.step, asked.world
    known = world.memory_of(step.key).backoff.get(backoff_key(step.target, step.effect))
    if known is None:
        return passed("backoff")
    if known.outdated and not _seen_since(known.at, step.target, world):
        message = f"{step.target} is not as it was seen: {known.reason}"
        return wait("backoff", "NotSeenSince", message, max(known.until, asked.now + LOOK))
    if known.until <= asked.now:
        return passed("backoff")
    retry = latest(world.requests, Verb.RETRY, step.key, step.target, asked.now)
    if retry is not None and (known.at is None or known.at < retry):
        return passed("backoff")
    message = f"failed {known.failures} times: {known.reason}"
    return wait("backoff", "BackingOff", message, known.until)


def rate(asked: Asked) -> Verdict:
    kind, allowed = asked.step.key.kind, _allowed(asked)
    turn = _turn(asked, allowed)
    if turn <= asked.now:
        return passed("rate")
    message = f"at most {allowed} steps of {kind} an hour"
    if kept := asked.actions_per_hour - allowed:
        message += f", and {kept} more for repairs"
    message += f": {RATE_SETTING} is {asked.actions_per_hour}"
    return wait("rate", "TooManySteps", message, turn)


def budget(asked: Asked) -> Verdict:
    for key in asked.step.disrupts:
        group = group_of(key, asked.world, asked.ledger, asked.kinds, asked.now)
        if group is None:
            continue
        away = group.down - {asked.step.target}
        if len(away) >= group.max_unavailable:
            names = ", ".join(sorted(target.name for target in away))
            message = f"{len(away)} of {group.max_unavailable} away in {key}: {names}"
            return wait("budget", "BudgetUsedUp", message)
    return passed("budget")


def group_of(key: Key, world: World, ledger: Ledger, kinds: Kinds, now: datetime) -> Group | None:
    """The group of a document; down are those, too, that our own steps take away."""
    resource = world.resources.get(key)
    group = kinds[key.kind].group(resource, world, now) if resource else None
    return replace(group, down=group.down | _taken(key, world, ledger)) if group else None


def _allowed(asked: Asked) -> int:
    """After how many steps of an hour this one has to wait."""
    if asked.step.effect in RESERVED_FOR:
        return asked.actions_per_hour
    return ceil(asked.actions_per_hour * (1 - RESERVED_SHARE))


def _turn(asked: Asked, allowed: int) -> datetime:
    """When the rate lets the step run, once those have that come before it in the plan; nobody
    keeps what repairs waiting."""
    kind, repairs = asked.step.key.kind, asked.step.effect in RESERVED_FOR
    done = asked.ledger.times(kind, asked.now)
    rounds, place = divmod(0 if repairs else asked.ledger.ahead.get(kind, 0), allowed)
    free = allowed - len(done)
    first = asked.now if place < free else done[place - free] + RATE_WINDOW
    return first + rounds * RATE_WINDOW


def _seen_since(at: datetime | None, target: Target, world: World) -> bool:
    """What is refused for what was seen would be refused again."""
    if at is None or target.system not in SOURCES:
        return True
    seen = world.snapshot(target.system).observed_at
    return seen is not None and seen > at


def _trials(circuit: Circuit, asked: Asked) -> frozenset[Target]:
    """The targets of that circuit whose call is on its way, or whose effect is awaited."""
    running = {at for at, found in asked.ledger.circuits.items() if found == circuit}
    open_ones = asked.world.pending.values()
    unseen = {at.target for at in open_ones if circuit_of(at.target, at.attributes) == circuit}
    return frozenset(running | unseen)


def _taken(group: Key, world: World, ledger: Ledger) -> frozenset[Target]:
    """The members of a group that our own steps, under way or not yet seen, take away."""
    running = {at for at, groups in ledger.running.items() if group in groups}
    unseen = {each.target for each in world.pending.values() if group in each.disrupts}
    return frozenset(running | unseen)
