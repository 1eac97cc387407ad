"""The gates that heed what people said: in settings, documents and requests."""

from dataclasses import replace
from datetime import datetime

from steersman.engine.gates.asked import DISRUPTIVE, EVERY, Asked, passed, wait
from steersman.engine.requests import pause_of, told
from steersman.model.annotations import PROTECT, protects
from steersman.model.kind import Verdict
from steersman.model.memory import Memory
from steersman.model.outcome import Pending
from steersman.model.plan import Effect, Step
from steersman.model.requests import Verb, asking
from steersman.model.world import World

# What each policy leaves to a person.
APPROVAL_HOLDS = {
    "auto": frozenset[Effect](),
    "auto-safe": DISRUPTIVE,
    "ask": EVERY - {Effect.SECURE},
}


def mode(asked: Asked) -> Verdict:
    if asked.world.mode == "observe" or asked.metadata.policy.mode == "observe":
        who = "the daemon" if asked.world.mode == "observe" else "the document"
        return wait("mode", "ObserveMode", f"{who} is in mode observe")
    return passed("mode")


def paused(asked: Asked) -> Verdict:
    step = asked.step
    found = pause_of(asked.world.requests, step.key, step.target, asked.now)
    if found is None:
        return passed("paused")
    return wait("paused", "Paused", told(found), found.until)


def protect(asked: Asked) -> Verdict:
    notes = asked.metadata.annotations
    if protects(notes):
        return wait("protect", "Protected", f'the document says {PROTECT}: "{notes[PROTECT]}"')
    return passed("protect")


def window(asked: Asked) -> Verdict:
    found = asked.metadata.policy.window
    if found is None or found.is_open(asked.now):
        return passed("window")
    message = f"policy.window is {found.cron!r} in {found.zone} for {found.minutes} minutes"
    return wait("window", "OutsideWindow", message, found.opens(asked.now))


def approval(asked: Asked) -> Verdict:
    step, policy = asked.step, _approval_policy(asked)
    held = step.effect in APPROVAL_HOLDS[policy] and not step.approved
    if not (held or step.shrinks) or approved(step, asked.world, asked.now):
        return passed("approval")
    why = f"policy.approval is {policy}" if held else "it takes away more than a tenth"
    message = f"{why}: steersman approve {step.key} {step.digest}"
    return wait("approval", "ApprovalNeeded", message)


def approved(step: Step, world: World, now: datetime) -> bool:
    """Whether a person approved the step, and it was not done since."""
    done = world.memory_of(step.key).spent.get(step.digest)
    return any(
        each.digest == step.digest
        and each.scope.covers(step.key, step.target)
        and (done is None or (each.at is not None and done < each.at))
        for each in asking(world.requests, Verb.APPROVE, now)
    )


def spent(memory: Memory, done: Pending, world: World, now: datetime) -> Memory:
    """With what was approved and is done now; an approval that is over needs no such word."""
    asked_for = {each.digest for each in asking(world.requests, Verb.APPROVE, now)}
    known = {digest: at for digest, at in memory.spent.items() if digest in asked_for}
    return replace(memory, spent={**known, done.approval: now} if done.approval else known)


def _approval_policy(asked: Asked) -> str:
    """The document's own, or that of its kind."""
    own = asked.metadata.policy.approval
    kinds = asked.world.approvals
    return own or kinds.get(asked.step.key.kind) or kinds.get("", "auto")
