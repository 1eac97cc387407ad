"""From any condition the plans lead to what the document asks for, and then to no step at all."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from steersman.kinds.unit import KIND
from steersman.kinds.unit.driver import UnitDriver
from steersman.kinds.unit.spec import UnitSpec
from steersman.model.kind import Attempt
from steersman.model.memory import Memory
from steersman.model.observed import FleetUnit
from steersman.model.outcome import Outcome, UnitGone, UnitIs
from steersman.model.plan import Effect, Step, Target
from steersman.model.resource import Key, Resource
from steersman.model.world import World
from tests.kinds import builders
from tests.kinds.builders import NOW, ago
from tests.kinds.unit.support import CONFIG, CONTENT, OLD_CONTENT, Member, resource
from tests.kinds.unit.toy import ToyFleet

ROUND = timedelta(seconds=5)
ROUNDS_MAX = 200
ATTEMPT = Attempt("5f0f9a3e-0000-4000-8000-000000000000", 8)
STATES = ["active/running", "inactive/dead", "failed/failed"]


@dataclass
class Steering:
    """The engine's part, in short: one step a round, pending targets, the budget, the memory."""

    of: Resource[UnitSpec]
    fleet: ToyFleet
    facts: Mapping[Key, Mapping[str, str]] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)
    pending: dict[Target, tuple[Step, UnitIs | UnitGone]] = field(default_factory=dict)
    executed: list[Step] = field(default_factory=list)
    fewest_running: int = 3

    async def steer(self) -> None:
        """Until nothing is left to do, for longer than anything is waited for."""
        quiet = 0
        for _ in range(ROUNDS_MAX):
            quiet = 0 if await self.look() else quiet + 1
            if quiet * ROUND > timedelta(seconds=60):
                return
        raise AssertionError("it never comes to rest")

    async def look(self) -> bool:
        """One pass. False: there was nothing to do and nothing to wait for."""
        self._settle()
        world = self._world()
        observed = KIND.observe(self.of, world)
        drift = KIND.diff(self.of, observed)
        plan = KIND.plan(self.of, observed, drift, self.memory, self.fleet.now)
        step = next((each for each in plan.steps if self._may_run(each, world)), None)
        if step:
            done = await UnitDriver(self.fleet).execute(step, ATTEMPT)
            assert isinstance(done.expects, UnitIs | UnitGone)
            self.pending[step.target] = (step, done.expects)
            self.executed.append(step)
        self.fleet.now += ROUND
        self.fleet.agents_look()
        self.fewest_running = min(self.fewest_running, self.fleet.running())
        return bool(plan.steps or plan.waits)

    def _settle(self) -> None:
        for target, (step, expected) in list(self.pending.items()):
            if self._seen(expected):
                del self.pending[target]
                attributes = KIND.attributes(step)
                at = self.fleet.now
                name = step.action.name
                outcome = Outcome(step.key, target, name, step.effect, at, None, attributes)
                self.memory = KIND.remember(self.memory, outcome)

    def _seen(self, expected: UnitIs | UnitGone) -> bool:
        unit = self.fleet.units.get(expected.name)
        if isinstance(expected, UnitGone) or unit is None:
            return unit is None
        as_written = (unit.hash, unit.desired_state) == (expected.hash, expected.desired)
        return as_written and expected.current in (None, unit.current_state)

    def _may_run(self, step: Step, world: World) -> bool:
        if step.target in self.pending:
            return False
        group = KIND.group(self.of, world, self.fleet.now)
        if step.effect not in (Effect.DISRUPT, Effect.DESTROY) or not step.disrupts or not group:
            return True
        return len((group.down | self.pending.keys()) - {step.target}) < group.max_unavailable

    def _world(self) -> World:
        return builders.world(
            self.of,
            fleet=self.fleet.snapshot(),
            memory={self.of.key: self.memory},
            facts=self.facts,
        )


def fleet_of(*members: Member, version: str = "1.0.0") -> ToyFleet:
    states = {each.unit_name: each.unit_state() for each in members}
    return ToyFleet(
        NOW,
        units={each.unit_name: each.unit() for each in members},
        states={name: state for name, state in states.items() if state},
        version=version,
    )


def steered(
    of: Resource[UnitSpec],
    *members: Member,
    own: Mapping[str, Any] | None = None,
    version: str = "1.0.0",
    **fields: Any,
) -> Steering:
    fleet = fleet_of(*members, version=version)
    steering = Steering(of, fleet, memory=Memory(own=own or {}), **fields)
    asyncio.run(steering.steer())
    return steering


def as_asked(unit: FleetUnit, spec: UnitSpec) -> bool:
    wanted = (spec.hash, spec.desired_state, spec.desired_state)
    return (unit.hash, unit.desired_state, unit.current_state) == wanted


def members(*indices: int) -> st.SearchStrategy[tuple[Member, ...]]:
    def one(index: int) -> st.SearchStrategy[Member | None]:
        present = st.builds(
            Member,
            index=st.just(index),
            state=st.sampled_from(STATES),
            desired=st.sampled_from(["launched", "loaded", "inactive"]),
            content=st.sampled_from([CONTENT, OLD_CONTENT]),
            seconds=st.integers(0, 300),
        )
        return st.none() | present

    def there(found: tuple[Member | None, ...]) -> tuple[Member, ...]:
        return tuple(each for each in found if each)

    return st.tuples(*map(one, indices)).map(there)


FAILED_AND_TO_BE_REPLACED = Member(1, "failed/failed", content=OLD_CONTENT)


@settings(max_examples=60)
@example((FAILED_AND_TO_BE_REPLACED, Member(5)), "loaded", "1.0.0")
@given(
    members(1, 2, 3, 4, 5),
    st.sampled_from(["launched", "loaded", "inactive"]),
    st.sampled_from(["1.0.0", "0.9.2"]),
)
def test_any_condition_converges(start: tuple[Member, ...], desired: str, version: str) -> None:
    of, own = resource(desiredState=desired), {"owned": {each.unit_name: "" for each in start}}
    found = steered(of, *start, own=own, version=version)
    assert sorted(found.fleet.units) == ["es@1.service", "es@2.service", "es@3.service"]
    assert all(as_asked(unit, of.spec) for unit in found.fleet.units.values())
    assert found.fleet.running() == (3 if desired == "launched" else 0)


def test_new_content_is_rolled_one_instance_at_a_time() -> None:
    found = steered(resource(), *(Member(n, content=OLD_CONTENT) for n in (1, 2, 3)))
    assert [step.action.name for step in found.executed] == ["ReplaceUnit"] * 3
    assert found.fewest_running >= 2


def test_an_old_fleet_is_given_new_content_in_steps_one_instance_at_a_time() -> None:
    start = [Member(n, content=OLD_CONTENT) for n in (1, 2, 3)]
    found = steered(resource(), *start, version="0.9.2")
    recipe = ["UnloadUnit", "DestroyUnit", "SubmitUnit", "LaunchUnit"]
    assert [step.action.name for step in found.executed] == recipe * 3
    assert found.fewest_running == 2


def test_new_configuration_is_rolled_one_instance_at_a_time() -> None:
    own = {"config": {f"es@{n}.service": "old" for n in (1, 2, 3)}}
    of = resource(reads=["configkey/es"])
    facts = {CONFIG: {"sha256": "new", "onChange": "restart"}}
    found = steered(of, *(Member(n) for n in (1, 2, 3)), own=own, facts=facts)
    assert [step.action.name for step in found.executed] == ["LoadUnit", "LaunchUnit"] * 3
    assert found.fewest_running == 2
    again = steered(of, *(Member(n) for n in (1, 2, 3)), own=found.memory.own, facts=facts)
    assert again.executed == []


def test_a_crash_is_healed_by_loading_and_launching_once() -> None:
    found = steered(resource(), Member(1), Member(2, "failed/failed"), Member(3))
    assert [(step.action.name, step.target.name) for step in found.executed] == [
        ("LoadUnit", "es@2.service"),
        ("LaunchUnit", "es@2.service"),
    ]
    assert found.fleet.running() == 3


def test_a_restart_that_was_cut_short_is_finished() -> None:
    found = steered(resource(), Member(1), Member(2, "failed/failed", desired="loaded"), Member(3))
    assert [step.action.name for step in found.executed] == ["LaunchUnit"]


def test_what_is_as_asked_gets_no_step() -> None:
    assert steered(resource(), *(Member(n) for n in (1, 2, 3))).executed == []


def test_what_goes_on_crashing_is_left_alone_after_so_many_restarts() -> None:
    restarts = {"es@1.service": [ago(n).isoformat() for n in range(5)]}
    of = resource(instances=1, restart={"windowSeconds": 86_400})
    steering = Steering(
        of, fleet_of(Member(1, "failed/failed")), memory=Memory(own={"restarts": restarts})
    )
    for _ in range(20):
        asyncio.run(steering.look())
    assert steering.executed == []
