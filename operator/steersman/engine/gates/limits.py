"""The gates that bound what is tried, how often, and how much of it at once."""

from datetime import timedelta

from steersman.engine.gates.asked import Asked, passed, wait
from steersman.engine.ledger import RATE_WINDOW
from steersman.model.circuit import Circuit, circuit_of
from steersman.model.kind import Verdict
from steersman.model.memory import backoff_key
from steersman.model.plan import Target
from steersman.model.requests import Verb, latest
from steersman.model.resource import Key

TRIAL_LOOK = timedelta(seconds=10)  # how often who waits for another's trial looks how it went


def breaker(asked: Asked) -> Verdict:
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
    return wait("breaker", "CircuitHalfOpen", message, asked.now + TRIAL_LOOK)


def backoff(asked: Asked) -> Verdict:
    step, world = asked.step, asked.world
    known = world.memory_of(step.key).backoff.get(backoff_key(step.target, step.effect))
    if known is None or known.until <= asked.now:
        return passed("backoff")
    retry = latest(world.requests, Verb.RETRY, step.key, step.target, asked.now)
    if retry is not None and (known.at is None or known.at < retry):
        return passed("backoff")
    message = f"failed {known.failures} times: {known.reason}"
    return wait("backoff", "BackingOff", message, known.until)


def rate(asked: Asked) -> Verdict:
    times = asked.ledger.times(asked.step.key.kind, asked.now)
    if len(times) < asked.actions_per_hour:
        return passed("rate")
    message = f"{len(times)} steps of {asked.step.key.kind} in the last hour"
    return wait("rate", "TooManySteps", message, times[0] + RATE_WINDOW)


def budget(asked: Asked) -> Verdict:
    for key in asked.step.disrupts:
        resource = asked.world.resources.get(key)
        kind = asked.kinds[key.kind]
        group = kind.group(resource, asked.world, asked.now) if resource else None
        if group is None:
            continue
        away = (group.down | _taken(key, asked)) - {asked.step.target}
        if len(away) >= group.max_unavailable:
            names = ", ".join(sorted(target.name for target in away))
            message = f"{len(away)} of {group.max_unavailable} away in {key}: {names}"
            return wait("budget", "BudgetUsedUp", message)
    return passed("budget")


def _trials(circuit: Circuit, asked: Asked) -> frozenset[Target]:
    """The targets of that circuit whose call is on its way, or whose effect is awaited."""
    running = {at for at, found in asked.ledger.circuits.items() if found == circuit}
    open_ones = asked.world.pending.values()
    unseen = {at.target for at in open_ones if circuit_of(at.target, at.attributes) == circuit}
    return frozenset(running | unseen)


def _taken(group: Key, asked: Asked) -> frozenset[Target]:
    """The members of a group that our own steps, under way or not yet seen, take away."""
    running = {at for at, groups in asked.ledger.running.items() if group in groups}
    unseen = {each.target for each in asked.world.pending.values() if group in each.disrupts}
    return frozenset(running | unseen)
