"""One pass over one key: settle what is pending, decide, report, execute at most one step."""

import asyncio
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from steersman.engine import backoff
from steersman.engine.decide import Decision, Rules, decide
from steersman.engine.doubt import breaker, fights
from steersman.engine.gates import people
from steersman.engine.home import events
from steersman.engine.home.records import Records, forgotten
from steersman.engine.keeper import Keeper
from steersman.engine.pending import Settled, settle
from steersman.model.circuit import circuit_of
from steersman.model.errors import FencedError, OutsideError, UnreachableError
from steersman.model.kind import Attempt, Driver
from steersman.model.memory import Memory, backoff_key
from steersman.model.outcome import Done, Outcome, Pending
from steersman.model.plan import Step, Target, plan_id
from steersman.model.ports import Clock, Random
from steersman.model.resource import Key
from steersman.model.status import Status, same
from steersman.model.teardown import DELETED
from steersman.telemetry.metrics import Metrics

# How long an effect may take to be seen, by the system of its target.
DEADLINES = {
    "compute": timedelta(minutes=10),
    "fleet": timedelta(minutes=2),
    "keys": timedelta(seconds=30),
}
SHORT = timedelta(seconds=30)
# A daemon that has just started has to look at everything first: for so long it does not tell that
# something is no longer Ready unless it sees what differs.
LOOK_AROUND_SECONDS = 30.0
OWN = ("home", "memory")  # systems of ours: a write there is seen when it is answered
# Of the time that a call may take, what its client has: who asked knows best what got no answer.
CLIENT_SHARE = 0.9

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Effects:
    """What a pass may do beside thinking: write records, tell, execute, wake an informer. `enter`
    tells whether a system has room for a call for a key, which else gets its turn by itself;
    `accept_again` has the documents looked at once more."""

    drivers: Mapping[str, Driver]
    records: Records
    recorder: events.Recorder
    metrics: Metrics
    allowance: Callable[[], float | None]
    poke: Callable[[str], None]
    enter: Callable[[Key, str], bool]
    accept_again: Callable[[], None]


class Reconciler:
    """Called by a worker with a key. One worker has a key at a time."""

    def __init__(
        self, keeper: Keeper, rules: Rules, effects: Effects, clock: Clock, random: Random
    ) -> None:
        self._keeper, self._rules, self._do = keeper, rules, effects
        self._clock, self._random = clock, random
        self._looked_around_at = clock.monotonic() + LOOK_AROUND_SECONDS

    async def reconcile(self, key: Key, reconcile_id: str) -> datetime | None:
        """When to look again: now, if a step was executed; None: when something changes.
        SteersmanError: the pass has to be made again."""
        if self._keeper.world.leading and not forgotten(key, self._keeper.world.unreadable):
            await self._settle(key)
            await self._learn(key, fights.looked_at(key, self._keeper.world, self._clock.now()))
        now = self._clock.now()
        if key not in self._keeper.world.resources:
            self._keeper.wait(key, ())
            return None
        decision = decide(key, self._keeper.world, self._keeper.ledger, self._rules, now)
        self._keeper.wait(key, decision.status.waiting)
        step = decision.next_step()
        if step is None and self._looks_around(key, decision):
            return now + self._left_to_look_around()
        if step is None or not self._do.enter(key, step.target.system):
            await self._report(key, decision)
            return decision.look_again()
        circuit = circuit_of(step.target, self._rules.kinds[key.kind].attributes(step))
        self._keeper.ledger = self._keeper.ledger.reserve(step, circuit, now)
        try:
            await self._report(key, decision)
            await self._execute(step, decision, reconcile_id)
        finally:
            self._keeper.ledger = self._keeper.ledger.release(step.target)
            self._keeper.wake_held("pending", step.target)
            if step.disrupts:
                self._keeper.wake_held("budget")
        return now

    def _looks_around(self, key: Key, decision: Decision) -> bool:
        """Whether it is too early to tell more of a resource than the daemon before did."""
        before = self._keeper.world.statuses.get(key)
        lost = before is not None and before.holds("Ready") and not decision.status.holds("Ready")
        early = self._left_to_look_around() > timedelta()
        return early and lost and not decision.drift

    def _left_to_look_around(self) -> timedelta:
        """In whole microseconds: what is less is nothing, or a pass would come again at once."""
        return timedelta(seconds=self._looked_around_at - self._clock.monotonic())

    async def _report(self, key: Key, decision: Decision) -> None:
        before = self._keeper.world.statuses.get(key)
        if self._keeper.world.leading and not same(before, decision.status):
            await self._do.records.status(key, decision.resource.source, decision.status)
            self._tell_changes(before, decision)
        self._keeper.report(key, decision.status)
        if decision.status.holds(DELETED) and key not in self._keeper.world.resources:
            self._do.accept_again()  # its document was removed before this was known here

    def _tell_changes(self, before: Status | None, decision: Decision) -> None:
        key, now = decision.resource.key, self._clock.now()
        for each in decision.status.conditions:
            earlier = before.condition(each.type) if before else None
            if earlier is not None and earlier.status != each.status:
                self._do.recorder.record(events.changed(key, each, now))
        kind, world = self._rules.kinds[key.kind], self._keeper.world
        self._do.metrics.drifts.reported(kind, before, decision.status, decision.drift, world, now)

    async def _execute(self, step: Step, decision: Decision, reconcile_id: str) -> None:
        pending = self._pending(step)
        if step.target.system not in OWN:
            await self._do.records.intend(pending)
            self._keeper.expect(pending)
        seconds = self._do.allowance()
        if seconds is None:
            msg = f"step {step.id} is not started: the lease ends"
            raise FencedError(msg)
        started = self._clock.monotonic()
        done, error = await self._call(step, pending.attempt, seconds)
        took = self._clock.monotonic() - started
        self._do.metrics.passes.executed(step.key.kind, step.action.name, took, error)
        now = self._clock.now()
        at_once = plan_id(decision.plan.steps)
        self._do.recorder.record(events.executed(step, now, error, reconcile_id, at_once))
        if error is not None:
            await self._failed(pending, error)
        else:
            await self._answered(pending, done, now)
        self._do.poke(step.target.system)

    def _pending(self, step: Step) -> Pending:
        """What to record of a step before it is sent: a repeated call keeps its attempt."""
        now = self._clock.now()
        open_one = self._keeper.world.pending.get(step.target)
        fresh = uuid.UUID(int=self._random.getrandbits(128), version=4)
        return Pending(
            key=step.key,
            target=step.target,
            action=step.action.name,
            effect=step.effect,
            attempt=open_one.attempt if open_one else str(fresh),
            since=now,
            deadline=now + DEADLINES.get(step.target.system, SHORT),
            disrupts=step.disrupts,
            attributes=dict(self._rules.kinds[step.key.kind].attributes(step)),
            declares=fights.declared(step, self._rules.kinds),
            approval=step.digest if people.approved(step, self._keeper.world, now) else "",
        )

    async def _call(
        self, step: Step, attempt: str, seconds: float
    ) -> tuple[Done, OutsideError | None]:
        """Over after `seconds`, even where a driver takes longer than it was given."""
        driver = self._do.drivers[step.key.kind]
        try:
            async with asyncio.timeout(seconds):
                return await driver.execute(step, Attempt(attempt, CLIENT_SHARE * seconds)), None
        except TimeoutError:
            message = f"no answer within {seconds:.1f} s"
            return Done(), UnreachableError(message, code="timeout")
        except OutsideError as error:
            return Done(), error

    async def _failed(self, pending: Pending, error: OutsideError) -> None:
        """Refused: nothing is left of it. Unknown: it stays open until a read tells."""
        await self._conclude(pending, error, self._clock.now())
        if error.applied is not None:
            await self._close(pending.target)

    async def _answered(self, pending: Pending, done: Done, now: datetime) -> None:
        attributes = {**pending.attributes, **done.attributes}
        answered = replace(pending, expects=done.expects, since=now, attributes=attributes)
        throttled = self._keeper.world.throttled
        self._keeper.know(throttled=backoff.taken(throttled, pending.target.system, now))
        if done.expects is None:
            await self._conclude(answered, None, now)
            await self._close(pending.target)
        else:
            self._keeper.expect(answered)  # known here even if home cannot be told now
            if answered.target.system not in OWN:
                await self._do.records.intend(answered)

    async def _settle(self, key: Key) -> None:
        """Close what was seen, failed or given up, of this key's pending targets."""
        now = self._clock.now()
        for pending in tuple(self._keeper.world.pending.values()):
            if pending.key != key:
                continue
            settled = settle(pending, self._keeper.world, self._keeper.ledger, now)
            if settled is not None:
                await self._settled(pending, settled, now)

    async def _settled(self, pending: Pending, settled: Settled, now: datetime) -> None:
        if settled.known:
            outcome = await self._conclude(pending, settled.error, now)
            if settled.error is not None:
                self._do.recorder.record(events.failed_later(outcome, settled.error))
            else:
                waited = (now - pending.since).total_seconds()
                self._do.metrics.passes.seen(pending.key.kind, pending.action, waited)
        await self._close(pending.target)

    async def _close(self, target: Target) -> None:
        if target in self._keeper.world.pending:
            if target.system not in OWN:
                await self._do.records.settled(target)
            self._keeper.forget(target)

    async def _conclude(
        self, pending: Pending, error: OutsideError | None, now: datetime
    ) -> Outcome:
        """Let memory learn from what came of a step."""
        outcome = Outcome(
            pending.key,
            pending.target,
            pending.action,
            pending.effect,
            now,
            error,
            pending.attributes,
        )
        self._learn_circuit(pending, error, now)
        before = self._keeper.world.memory_of(pending.key)
        at = backoff_key(pending.target, pending.effect)
        lately = backoff.lately(before.backoff, now)
        learnt = {name: each for name, each in lately.items() if name != at}
        if error is not None:
            draw = self._random.random()
            learnt[at] = backoff.after_error(before.backoff.get(at), error, now, draw)
            self._heed(pending.target.system, error, now, draw)
        kind = self._rules.kinds[pending.key.kind]
        memory = kind.remember(replace(before, backoff=learnt), outcome)
        if error is None:
            memory = fights.written(memory, pending, now)
            memory = people.spent(memory, pending, self._keeper.world, now)
        await self._learn(pending.key, memory)
        return outcome

    def _heed(self, system: str, error: OutsideError, now: datetime, draw: float) -> None:
        """Who asks for fewer calls gets fewer, from everybody."""
        throttled = self._keeper.world.throttled
        self._keeper.know(throttled=backoff.refused(throttled, system, error, now, draw))

    async def _learn(self, key: Key, memory: Memory) -> None:
        if memory != self._keeper.world.memory_of(key):
            await self._do.records.memory(key, memory)
            self._keeper.remember(key, memory)

    def _learn_circuit(self, pending: Pending, error: OutsideError | None, now: datetime) -> None:
        circuit = circuit_of(pending.target, pending.attributes)
        known = self._keeper.world.circuits
        self._keeper.switch(breaker.learn(known, circuit, pending.target, error, now))
