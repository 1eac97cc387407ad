"""Fights: a field that we write again and again, because somebody else does, is left alone until
a person has looked. Pure.

Only fields that nothing but another hand changes are watched: what a kind says it declares. How
healthy something is is none of them.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from steersman.engine.requests import acknowledged
from steersman.model.kind import Kinds, Verdict
from steersman.model.memory import Contest, Memory
from steersman.model.outcome import Pending
from steersman.model.plan import Effect, Step, Target
from steersman.model.resource import Key
from steersman.model.status import Condition
from steersman.model.world import World

GATE = "fighting"
CHANGES = 3  # by somebody else
WINDOW = timedelta(minutes=10)
CONTESTS_MAX = 200  # of one resource; the oldest are forgotten first


def declared(step: Step, kinds: Kinds) -> Mapping[str, str]:
    """The declared fields that a step writes, with what it writes."""
    return {} if step.effect is Effect.SECURE else dict(kinds[step.key.kind].declares(step))


def written(memory: Memory, pending: Pending, now: datetime) -> Memory:
    """What a step wrote reads back as ours."""
    contests = dict(memory.contests)
    for path, desired in pending.declares.items():
        name = _name(pending.target, path)
        contests[name] = _again(contests.pop(name, None), desired, now)
    return replace(memory, contests=dict(list(contests.items())[-CONTESTS_MAX:]))


def fighting(step: Step, kinds: Kinds, world: World, now: datetime) -> Verdict:
    """Whether nobody fights us over what the step would write."""
    memory = world.memory_of(step.key)
    for path, desired in declared(step, kinds).items():
        name = _name(step.target, path)
        contest = memory.contests.get(name)
        if contest is None or contest.desired != desired:
            continue
        if contest.since and not acknowledged(world, hold_of(step.key, name, contest), now):
            return Verdict(GATE, False, "Fighting", _message(step.key, name, contest))
    return Verdict(GATE, passed=True)


def condition(key: Key, memory: Memory) -> Condition:
    found = [_message(key, name, each) for name, each in _fought_over(memory)]
    if not found:
        return Condition.of("Fighting", False, "NobodyElseWrites")
    return Condition.of("Fighting", True, "ChangedBehindOurBack", "; ".join(found))


def looked_at(key: Key, world: World, now: datetime) -> Memory:
    """The memory of a resource without the fights that a person has acknowledged."""
    memory = world.memory_of(key)
    over = {
        name: Contest(each.desired)
        for name, each in _fought_over(memory)
        if acknowledged(world, hold_of(key, name, each), now)
    }
    return replace(memory, contests={**memory.contests, **over}) if over else memory


def holds_of(key: Key, memory: Memory) -> Iterator[str]:
    """What to acknowledge of all that is fought over."""
    return (hold_of(key, name, each) for name, each in _fought_over(memory))


def hold_of(key: Key, name: str, contest: Contest) -> str:
    """What to acknowledge; it tells one fight from the next."""
    text = f"{key} {name} {contest.since}"
    return f"fight-{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def _again(contest: Contest | None, desired: str, now: datetime) -> Contest:
    """The first time it is written it becomes ours; then each time somebody has changed it."""
    if contest is None or contest.desired != desired or contest.since:
        return Contest(desired)
    lately = tuple(at for at in contest.rewritten if now - at < WINDOW)
    rewritten = (*lately, now)
    return Contest(desired, rewritten, now if len(rewritten) >= CHANGES else None)


def _fought_over(memory: Memory) -> Iterator[tuple[str, Contest]]:
    return ((name, each) for name, each in memory.contests.items() if each.since)


def _message(key: Key, name: str, contest: Contest) -> str:
    minutes = int(WINDOW.total_seconds() // 60)
    hold = hold_of(key, name, contest)
    said = f"somebody changed {name} {CHANGES} times in {minutes} minutes"
    return f"{said}: it is left alone (steersman acknowledge {hold})"


def _name(target: Target, path: str) -> str:
    return f"{target} {path}"
