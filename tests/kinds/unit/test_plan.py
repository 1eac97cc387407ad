"""What is done about each condition of an instance: steps, what waits, and when to look again."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from steersman.kinds.unit.actions import LaunchUnit, ReplaceUnit, SubmitUnit
from steersman.kinds.unit.plan import LOOK_LAG
from steersman.model.plan import Effect
from steersman.model.resource import Key
from tests.kinds import builders
from tests.kinds.builders import NOW, ago
from tests.kinds.unit.support import (
    CONFIG,
    KEY,
    OLD_CONTENT,
    ONESHOT,
    Chain,
    Member,
    chain,
    healthy,
    resource,
    said,
    waits,
)

MAIN = Key("unit", "main")


@pytest.mark.parametrize(
    ("member", "steps"),
    [
        pytest.param(Member(1), [], id="what runs is left alone"),
        pytest.param(
            Member(1, None, desired="inactive", placed=False),
            ["LaunchUnit @1 NotLaunched create"],
            id="inactive: launch it",
        ),
        pytest.param(
            Member(1, "failed/failed", desired="loaded"),
            ["LaunchUnit @1 NotLaunched repair"],
            id="loaded and down: launch it, the second half of a restart",
        ),
        pytest.param(
            Member(1, "deactivating/stop", desired="loaded", current="launched"),
            [],
            id="not loaded yet: wait, for launched now it would run on",
        ),
        pytest.param(
            Member(1, None, desired="loaded", current="inactive", placed=False),
            ["LaunchUnit @1 NotLaunched repair"],
            id="loaded, and its machine is gone: launch it",
        ),
        pytest.param(
            Member(1, "failed/failed"),
            ["LoadUnit @1 UnitFailed repair"],
            id="failed: load it, the first half of a restart",
        ),
        pytest.param(
            Member(1, "inactive/dead"),
            ["LoadUnit @1 UnitStopped repair"],
            id="stopped without failing: restart it",
        ),
        pytest.param(Member(1, "inactive/dead", seconds=14), [], id="stopped just now: wait"),
        pytest.param(Member(1, "failed/failed", seconds=4), [], id="failed just now: wait"),
        pytest.param(Member(1, "activating/start", seconds=900), [], id="on its way: wait"),
        pytest.param(Member(1, None), [], id="without a state: wait, it may run"),
        pytest.param(Member(1, None, placed=False), [], id="without a machine: fleet's to place"),
        pytest.param(
            Member(1, content=OLD_CONTENT),
            ["ReplaceUnit @1 ContentDiffers disrupt"],
            id="other content: replace it, which disrupts what runs",
        ),
        pytest.param(
            Member(1, "failed/failed", content=OLD_CONTENT),
            ["ReplaceUnit @1 ContentDiffers repair"],
            id="other content of what failed: replace it at no cost",
        ),
        pytest.param(
            Member(1, None, content=OLD_CONTENT),
            ["ReplaceUnit @1 ContentDiffers disrupt"],
            id="other content of what nobody hears of: it may run, so that disrupts",
        ),
        pytest.param(
            Member(1, running_content=OLD_CONTENT), [], id="being replaced: wait until it is"
        ),
    ],
)
def test_one_instance_that_should_run(member: Member, steps: list[str]) -> None:
    assert said(chain(member, of=resource(instances=1)).plan) == steps


def test_a_missing_instance_is_submitted_with_the_whole_content() -> None:
    plan = chain(*healthy(1, 2)).plan
    assert said(plan) == ["SubmitUnit @3 UnitMissing create"]
    spec = resource().spec
    assert plan.steps[0].action == SubmitUnit("es@3.service", spec.hash, spec.options)


def test_each_instance_gets_its_own_step() -> None:
    plan = chain(Member(1, "failed/failed"), Member(2, content=OLD_CONTENT)).plan
    assert said(plan) == [
        "LoadUnit @1 UnitFailed repair",
        "ReplaceUnit @2 ContentDiffers disrupt",
        "SubmitUnit @3 UnitMissing create",
    ]


def test_a_step_carries_its_reason_its_message_and_its_differences() -> None:
    [step] = chain(Member(1, "failed/failed"), of=resource(instances=1)).plan.steps
    assert step.message == "es@1.service is failed/failed since 11:59:00 (try 1/5)"
    assert [each.path for each in step.differences] == ["spec.expect"]
    assert step.disrupts == ()


def test_a_disruption_counts_against_the_documents_own_budget() -> None:
    [step] = chain(Member(1, content=OLD_CONTENT), of=resource(instances=1)).plan.steps
    assert step.disrupts == (KEY,)


def test_the_content_is_not_in_the_repr_of_a_step() -> None:
    secret = "[Service]\nEnvironment=PASSWORD=hunter2\nExecStart=/x\n"
    of = resource(instances=2, content=secret)
    steps = chain(Member(1, content=OLD_CONTENT), of=of).plan.steps
    assert len(steps) == 2
    assert "hunter2" not in repr(steps)


@pytest.mark.parametrize(
    ("desired", "state"),
    [
        pytest.param("launched", "launched", id="what was launched is launched"),
        pytest.param("loaded", "launched", id="what is in the middle of a restart is launched"),
        pytest.param("inactive", "inactive", id="what never was launched stays inactive"),
    ],
)
def test_replacing(desired: str, state: str) -> None:
    member = Member(1, None, desired=desired, content=OLD_CONTENT)
    [step] = chain(member, of=resource(instances=1)).plan.steps
    assert isinstance(step.action, ReplaceUnit)
    assert step.action.state == state


@pytest.mark.parametrize("version", ["0.12.2", "0.9.0", "", "unknown"])
def test_an_old_or_unknown_fleet_is_not_asked_to_replace(version: str) -> None:
    plan = chain(Member(1, content=OLD_CONTENT), of=resource(instances=1), version=version).plan
    assert said(plan) == ["UnloadUnit @1 ContentDiffers disrupt"]


IN_STEPS = [
    pytest.param(
        [Member(1, content=OLD_CONTENT)],
        ["UnloadUnit @1 ContentDiffers disrupt"],
        [],
        id="what runs is stopped, within the budget",
    ),
    pytest.param(
        [Member(1, "failed/failed", content=OLD_CONTENT)],
        ["UnloadUnit @1 ContentDiffers repair"],
        [],
        id="what is down is, too",
    ),
    pytest.param(
        [Member(1, "deactivating/stop", "inactive", content=OLD_CONTENT)],
        [],
        ["@1 teardown Stopping"],
        id="waited for until its machine tells nothing of it any more",
    ),
    pytest.param(
        [Member(1, None, "inactive", content=OLD_CONTENT)],
        ["DestroyUnit @1 ContentDiffers repair"],
        [],
        id="destroyed",
    ),
    pytest.param([], ["SubmitUnit @1 UnitMissing create"], [], id="and submitted anew"),
]


@pytest.mark.parametrize(("members", "steps", "held"), IN_STEPS)
def test_an_old_fleet_replaces_in_steps(
    members: list[Member], steps: list[str], held: list[str]
) -> None:
    plan = chain(*members, of=resource(instances=1), version="0.9.0").plan
    assert (said(plan), waits(plan)) == (steps, held)
    assert all(bool(step.disrupts) is (step.effect is Effect.DISRUPT) for step in plan.steps)


@pytest.mark.parametrize(
    ("members", "approved"),
    [
        pytest.param([Member(1, content=OLD_CONTENT)], False, id="to stop it may need a word"),
        pytest.param([Member(1, None, "inactive", content=OLD_CONTENT)], True, id="the rest not"),
        pytest.param([], True, id="not even once it is destroyed"),
        pytest.param([Member(1, None, "inactive")], True, id="until it is launched"),
    ],
)
def test_a_replacement_that_was_begun_is_ended_without_asking(
    members: list[Member], approved: bool
) -> None:
    own = {} if members and members[0].state else {"begun": {"es@1.service": ago(9).isoformat()}}
    [step] = chain(*members, of=resource(instances=1), own=own, version="0.9.0").plan.steps
    assert step.approved is approved


def test_what_was_destroyed_is_not_submitted_while_a_machine_still_tells_of_it() -> None:
    found = chain(Member(1), of=resource(instances=1))
    fleet = replace(found.world.fleet, units={})
    plan = replace(found, world=replace(found.world, fleet=fleet)).plan
    assert (said(plan), waits(plan)) == ([], ["@1 fleet Stopping"])


@pytest.mark.parametrize("version", ["0.13.0", "1.0.0", "1.0.0+git", "0.13.0-rc1"])
def test_a_fleet_that_can_is(version: str) -> None:
    plan = chain(Member(1, content=OLD_CONTENT), of=resource(instances=1), version=version).plan
    assert said(plan) == ["ReplaceUnit @1 ContentDiffers disrupt"]


@pytest.mark.parametrize(
    ("asked", "member", "steps"),
    [
        pytest.param(
            "inactive",
            Member(1),
            ["UnloadUnit @1 DesiredStateDiffers disrupt"],
            id="inactive is asked for, it runs: unload it",
        ),
        pytest.param(
            "loaded",
            Member(1),
            ["LoadUnit @1 DesiredStateDiffers disrupt"],
            id="loaded is asked for, it runs: load it",
        ),
        pytest.param(
            "loaded",
            Member(1, None, desired="inactive", placed=False),
            ["LoadUnit @1 DesiredStateDiffers repair"],
            id="loaded is asked for, it is inactive: load it",
        ),
        pytest.param(
            "loaded", Member(1, "failed/failed", desired="loaded"), [], id="loaded: nothing to do"
        ),
        pytest.param(
            "inactive",
            Member(1, None, desired="inactive", placed=False),
            [],
            id="inactive: nothing to do",
        ),
    ],
)
def test_what_should_not_run(asked: str, member: Member, steps: list[str]) -> None:
    plan = chain(member, of=resource(instances=1, desiredState=asked)).plan
    assert said(plan) == steps
    budgets = [step.disrupts for step in plan.steps]
    assert budgets == [(KEY,) if step.effect is Effect.DISRUPT else () for step in plan.steps]


@pytest.mark.parametrize("asked", ["loaded", "inactive"])
def test_of_what_should_not_run_the_last_stops_first(asked: str) -> None:
    members = [Member(1, "failed/failed"), *healthy(*range(2, 11))]
    steps = chain(*members, of=resource(instances=10, desiredState=asked)).plan.steps
    assert [step.target.name for step in steps] == [
        f"es@{n}.service" for n in (1, *range(10, 1, -1))
    ]


@pytest.mark.parametrize("asked", ["loaded", "inactive"])
@pytest.mark.parametrize(
    ("running", "down", "asks"),
    [
        pytest.param(1, 0, False, id="one may always be stopped"),
        pytest.param(1, 9, False, id="a tenth, too"),
        pytest.param(2, 8, True, id="more than a tenth asks"),
        pytest.param(10, 0, True, id="all of them do"),
        pytest.param(3, 27, False, id="three of thirty are a tenth"),
    ],
)
def test_stopping_much_at_once_asks(asked: str, running: int, down: int, asks: bool) -> None:
    runs = [Member(at) for at in range(down + 1, down + running + 1)]
    failed = [Member(at, "failed/failed") for at in range(1, down + 1)]
    of = resource(instances=running + down, desiredState=asked)
    found = [(step.effect, step.shrinks) for step in chain(*failed, *runs, of=of).plan.steps]
    assert found == [(Effect.REPAIR, False)] * down + [(Effect.DISRUPT, asks)] * running


def test_new_content_that_stops_what_runs_asks_as_well() -> None:
    old = [Member(at, content=OLD_CONTENT) for at in (1, 2, 3)]
    steps = chain(*old, of=resource(desiredState="inactive")).plan.steps
    assert [(step.action.name, step.shrinks) for step in steps] == [("ReplaceUnit", True)] * 3


def test_what_completed_is_left_alone() -> None:
    of = resource(instances=1, content=ONESHOT)
    assert said(chain(Member(1, "inactive/dead", content=ONESHOT), of=of).plan) == []


def test_before_fleet_was_read_nothing_is_planned() -> None:
    of = resource()
    assert Chain(of, builders.world(of)).plan.steps == ()


def test_an_instance_that_is_no_longer_listed_is_left_alone() -> None:
    assert said(chain(*healthy(1, 2, 3, 4)).plan) == []


class TestRestarts:
    """Backoff, and the end of it."""

    @staticmethod
    def failed(*restarts_seconds: float, seconds: float = 4) -> Chain:
        own = {"restarts": {"es@1.service": [ago(each).isoformat() for each in restarts_seconds]}}
        member = Member(1, "failed/failed", seconds=seconds)
        return chain(member, of=resource(instances=1), own=own)

    def test_what_failed_just_now_waits_for_its_backoff(self) -> None:
        [waiting] = self.failed(200).plan.waits
        assert (waiting.gate, waiting.reason) == ("restart", "UnitFailed")
        assert waiting.until == ago(4) + timedelta(seconds=10)
        assert waiting.message == "restart at 12:00:06 (try 2/5)"

    def test_after_the_backoff_it_is_restarted(self) -> None:
        assert said(self.failed(200, seconds=10).plan) == ["LoadUnit @1 UnitFailed repair"]

    def test_too_many_restarts_are_a_crash_loop(self) -> None:
        found = self.failed(100, 200, 300, 400, 500, seconds=90)
        [waiting] = found.plan.waits
        assert said(found.plan) == []
        assert (waiting.reason, waiting.until) == ("CrashLoop", ago(500 - 600))
        assert waiting.message == "restarted 5 times, 5 are allowed, again at 12:01:40"

    def test_the_backoff_counts_from_the_last_launch(self) -> None:
        own = {
            "restarts": {"es@1.service": [ago(60).isoformat()]},
            "launched": {"es@1.service": ago(16).isoformat()},
        }
        restart = {"backoffSeconds": 20}
        failed = Member(1, "failed/failed", seconds=300)
        found = chain(failed, of=resource(instances=1, restart=restart), own=own)
        assert found.plan.waits[0].until == ago(16) + timedelta(seconds=40)

    def test_a_failure_from_before_the_launch_is_not_restarted_again(self) -> None:
        own = {"launched": {"es@1.service": ago(2).isoformat()}}
        found = chain(Member(1, "failed/failed"), of=resource(instances=1), own=own)
        assert said(found.plan) == []
        assert found.plan.look_again == ago(2) + timedelta(seconds=15)

    def test_a_launch_that_should_be_over_is_looked_at_until_fleet_is_read_again(self) -> None:
        own = {"launched": {"es@1.service": ago(2).isoformat()}}
        late = NOW + timedelta(seconds=14)
        found = chain(Member(1, "failed/failed"), of=resource(instances=1), own=own, now=late)
        assert said(found.plan) == []
        assert found.plan.look_again == late + LOOK_LAG


class TestConfiguration:
    """Rolled when what it reads has changed since its start, and is meant to."""

    NEW: Mapping[Key, Mapping[str, str]] = {CONFIG: {"sha256": "b", "onChange": "restart"}}

    @staticmethod
    def launched(member: Member, facts: Mapping[Key, Mapping[str, str]], **own: str) -> Chain:
        of = resource(instances=1, reads=["configkey/es"])
        config = {"config": {"es@1.service": own["config"]}} if own else {}
        return chain(member, of=of, own=config, facts=facts)

    def current(self) -> str:
        """The hash that a launch now would record."""
        found = self.launched(Member(1, None, desired="inactive", placed=False), self.NEW)
        [step] = found.plan.steps
        assert isinstance(step.action, LaunchUnit)
        assert step.action.config is not None
        return step.action.config

    def test_another_configuration_than_at_its_start_restarts_it(self) -> None:
        plan = self.launched(Member(1), self.NEW, config="old").plan
        assert said(plan) == ["LoadUnit @1 ConfigChanged disrupt"]
        assert plan.steps[0].disrupts == (KEY,)

    def test_what_failed_is_restarted_with_it_at_once(self) -> None:
        failed = Member(1, "failed/failed", seconds=1)
        plan = self.launched(failed, self.NEW, config="old").plan
        assert said(plan) == ["LoadUnit @1 ConfigChanged repair"]

    def test_the_same_configuration_restarts_nothing(self) -> None:
        assert said(self.launched(Member(1), self.NEW, config=self.current()).plan) == []

    def test_a_start_that_nobody_remembers_counts_as_right(self) -> None:
        assert said(self.launched(Member(1), self.NEW).plan) == []

    @pytest.mark.parametrize(
        "facts",
        [
            pytest.param({}, id="that is not in sync"),
            pytest.param({CONFIG: {"onChange": "restart"}}, id="whose value is not known"),
            pytest.param({CONFIG: {"sha256": "b", "onChange": "none"}}, id="that says none"),
        ],
    )
    def test_nothing_is_judged_by_a_configkey(self, facts: Mapping[Key, Mapping[str, str]]) -> None:
        assert said(self.launched(Member(1), facts, config="old").plan) == []

    @pytest.mark.parametrize("state", ["activating/start", None])
    def test_what_is_on_its_way_is_not_disturbed(self, state: str | None) -> None:
        assert said(self.launched(Member(1, state), self.NEW, config="old").plan) == []


class TestBound:
    """What follows the restarts of another unit."""

    @staticmethod
    def bound(state: str, up_seconds: float | None, **own: Any) -> Chain:
        facts = {} if up_seconds is None else {MAIN: {"active:1": ago(up_seconds).isoformat()}}
        of = resource(instances=1, boundTo="unit/main")
        return chain(Member(1, state, seconds=10), of=of, facts=facts, own=own)

    def test_while_the_other_is_down_it_waits(self) -> None:
        found = self.bound("inactive/dead", None)
        assert said(found.plan) == []
        assert waits(found.plan) == ["@1 bound BoundUnitDown"]

    @pytest.mark.parametrize("state", ["inactive/dead", "failed/failed"])
    def test_when_the_other_is_back_it_follows_at_once(self, state: str) -> None:
        found = self.bound(state, 2)
        assert said(found.plan) == ["LoadUnit @1 BoundUnitRestarted repair"]

    def test_what_stops_by_itself_is_restarted_like_any_other(self) -> None:
        assert waits(self.bound("inactive/dead", 500).plan) == ["@1 restart UnitStopped"]

    def test_after_following_once_it_does_not_follow_the_same_start_again(self) -> None:
        launched = {"es@1.service": ago(1).isoformat()}
        assert said(self.bound("inactive/dead", 2, launched=launched).plan) == []


def test_who_is_launched_is_away_until_that_is_seen() -> None:
    (step,) = chain(Member(1, desired="loaded"), of=resource(instances=1)).plan.steps
    assert (step.action.name, step.disrupts) == ("LaunchUnit", (KEY,))


@pytest.mark.parametrize(
    ("member", "seconds"),
    [
        pytest.param(Member(1, seconds=4), 6, id="until what runs is reliable"),
        pytest.param(Member(1, "activating/start", seconds=100), 500, id="until a start is late"),
        pytest.param(Member(1), None, id="not when nothing changes by itself"),
    ],
)
def test_look_again(member: Member, seconds: float | None) -> None:
    at = chain(member, of=resource(instances=1)).plan.look_again
    assert at == (None if seconds is None else NOW + timedelta(seconds=seconds))
