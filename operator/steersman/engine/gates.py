"""The gates: which steps may run now. Pure; every gate is asked, every reason is kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from steersman.engine.ledger import RATE_WINDOW, Ledger
from steersman.model.kind import Kinds, Verdict
from steersman.model.memory import backoff_key
from steersman.model.plan import Effect, Step, Target
from steersman.model.resource import Key
from steersman.model.world import World

PROTECT = "steersman/protect"
EVERY = frozenset(Effect)
DISRUPTIVE = frozenset({Effect.DISRUPT, Effect.DESTROY})
# What each policy leaves to a person.
APPROVAL_HOLDS = {
    "auto": frozenset[Effect](),
    "auto-safe": DISRUPTIVE,
    "ask": EVERY - {Effect.SECURE},
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a gate decides about."""

    step: Step
    world: World
    ledger: Ledger
    kinds: Kinds
    actions_per_hour: int
    now: datetime


Gate = Callable[[Asked], Verdict]


def judge(asked: Asked) -> tuple[Verdict, ...]:
    """What every gate that may hold the step's effect says, in the order of GATES."""
    return tuple(gate(asked) for _, (gate, holds) in GATES.items() if asked.step.effect in holds)


def mode(asked: Asked) -> Verdict:
    own = asked.world.resources[asked.step.key].metadata.policy.mode
    if asked.world.mode == "observe" or own == "observe":
        who = "the daemon" if asked.world.mode == "observe" else "the document"
        return _wait("mode", "ObserveMode", f"{who} is in mode observe")
    return _pass("mode")


def leader(asked: Asked) -> Verdict:
    if asked.world.leading:
        return _pass("leader")
    return _wait("leader", "NotLeading", "another daemon has the lease, or nobody yet")


def protect(asked: Asked) -> Verdict:
    annotations = asked.world.resources[asked.step.key].metadata.annotations
    if annotations.get(PROTECT) == "true":
        return _wait("protect", "Protected", f'the document says {PROTECT}: "true"')
    return _pass("protect")


def dependencies(asked: Asked) -> Verdict:
    for key in depends_on(asked.step.key, asked.world, asked.kinds):
        if key not in asked.world.resources:
            return _wait("dependencies", "DependencyMissing", f"{key} is not there")
        status = asked.world.statuses.get(key)
        if status is None or not status.holds("Established"):
            return _wait("dependencies", "DependencyNotReady", f"{key} was not ready yet")
    return _pass("dependencies")


def pending(asked: Asked) -> Verdict:
    """One write to a target at a time. A call whose answer was lost may be repeated: it goes out
    under the same attempt, so it has one effect."""
    target = asked.step.target
    if target in asked.ledger.running:
        return _wait("pending", "CallUnderWay", f"{target}: a call is on its way")
    known = asked.world.pending.get(target)
    if known is None or (known.unanswered and known.action == asked.step.action.name):
        return _pass("pending")
    message = f"{target}: {known.action} is not seen yet"
    return _wait("pending", "EffectNotSeen", message, known.deadline)


def fresh(asked: Asked) -> Verdict:
    for source in asked.kinds[asked.step.key.kind].needs:
        if not asked.world.fresh(source, asked.now):
            at = asked.world.snapshot(source).observed_at
            seen = f"last seen {at:%H:%M:%S}" if at else "not seen yet"
            return _wait("fresh", "ObservationStale", f"{source} {seen}")
    return _pass("fresh")


def guards(asked: Asked) -> Verdict:
    for key in asked.world.referrers.get(asked.step.key, ()):
        guard, resource = asked.kinds[key.kind].guards, asked.world.resources[key]
        verdict = guard(resource, asked.step, asked.world, asked.now) if guard else None
        if verdict is not None and not verdict.passed:
            return verdict
    return _pass("guards")


def approval(asked: Asked) -> Verdict:
    policy = asked.world.resources[asked.step.key].metadata.policy
    if asked.step.effect in APPROVAL_HOLDS[policy.approval]:
        return _wait("approval", "ApprovalNeeded", f"policy.approval is {policy.approval}")
    return _pass("approval")


def backoff(asked: Asked) -> Verdict:
    memory = asked.world.memory_of(asked.step.key)
    known = memory.backoff.get(backoff_key(asked.step.target, asked.step.effect))
    if known is None or known.until <= asked.now:
        return _pass("backoff")
    message = f"failed {known.failures} times: {known.reason}"
    return _wait("backoff", "BackingOff", message, known.until)


def rate(asked: Asked) -> Verdict:
    times = asked.ledger.times(asked.step.key.kind, asked.now)
    if len(times) < asked.actions_per_hour:
        return _pass("rate")
    message = f"{len(times)} steps of {asked.step.key.kind} in the last hour"
    return _wait("rate", "TooManySteps", message, times[0] + RATE_WINDOW)


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
            return _wait("budget", "BudgetUsedUp", message)
    return _pass("budget")


# In the order in which people should hear of them, each with the effects that it may hold.
GATES: Mapping[str, tuple[Gate, frozenset[Effect]]] = {
    "mode": (mode, EVERY),
    "leader": (leader, EVERY),
    "protect": (protect, DISRUPTIVE),
    "dependencies": (dependencies, frozenset({Effect.CREATE})),
    "pending": (pending, EVERY),
    "fresh": (fresh, EVERY),
    "guards": (guards, EVERY),
    "approval": (approval, EVERY),
    "backoff": (backoff, EVERY),
    "rate": (rate, EVERY),
    "budget": (budget, DISRUPTIVE),
}


def depends_on(key: Key, world: World, kinds: Kinds) -> tuple[Key, ...]:
    """Whose being Established the first steps of a resource wait for."""
    resource = world.resources[key]
    kind = kinds[key.kind]
    own = (kind.dependencies or kind.references)(resource.spec)
    return (*resource.metadata.depends_on, *own)


def _taken(group: Key, asked: Asked) -> frozenset[Target]:
    """The members of a group that our own steps, under way or not yet seen, take away."""
    running = {at for at, groups in asked.ledger.running.items() if group in groups}
    unseen = {each.target for each in asked.world.pending.values() if group in each.disrupts}
    return frozenset(running | unseen)


def _pass(gate: str) -> Verdict:
    return Verdict(gate, passed=True)


def _wait(gate: str, reason: str, message: str, until: datetime | None = None) -> Verdict:
    return Verdict(gate, passed=False, reason=reason, message=message, until=until)
