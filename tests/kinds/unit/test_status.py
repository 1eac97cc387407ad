"""What people and scripts are told of a unit in each condition."""

from typing import Any

import pytest

from steersman.kinds.unit import KIND
from steersman.model.plan import Waiting
from steersman.model.status import Condition, Status
from tests.kinds import builders
from tests.kinds.builders import ago
from tests.kinds.unit.support import (
    CONFIG,
    OLD_CONTENT,
    ONESHOT,
    Chain,
    Member,
    chain,
    healthy,
    resource,
)

CRASHES = {"restarts": {"es@3.service": [ago(each).isoformat() for each in range(100, 600, 100)]}}


def condition(found: Chain, type_: str) -> Condition:
    told = found.status.condition(type_)
    assert told is not None
    return told


@pytest.mark.parametrize(
    ("third", "reason", "message"),
    [
        pytest.param(Member(3), "AsAsked", "3/3 active", id="all run"),
        pytest.param(
            Member(3, "failed/failed", seconds=2),
            "UnitFailed",
            "2/3 active; @3 failed, restart at 12:00:03 (try 1/5)",
            id="one failed and waits for its restart",
        ),
        pytest.param(
            Member(3, "inactive/dead", seconds=600),
            "UnitStopped",
            "2/3 active; @3 stopped",
            id="one was stopped and is restarted now",
        ),
        pytest.param(
            Member(3, seconds=2),
            "Settling",
            "3/3 active; @3 running since 11:59:58",
            id="one runs too short a time to count",
        ),
        pytest.param(
            Member(3, "activating/start-pre", seconds=20),
            "Moving",
            "2/3 active; @3 activating",
            id="one is on its way",
        ),
        pytest.param(
            Member(3, "activating/start-pre", seconds=660),
            "Moving",
            "2/3 active; @3 activating since 11:49:00, longer than 600 s",
            id="one is on its way for too long",
        ),
        pytest.param(
            Member(3, running_content=OLD_CONTENT),
            "Updating",
            "2/3 active; @3 updating",
            id="one is being replaced",
        ),
        pytest.param(
            Member(3, content=OLD_CONTENT),
            "Outdated",
            "3/3 active; @3 outdated",
            id="one runs with another content",
        ),
        pytest.param(
            Member(3, None, desired="inactive", placed=False),
            "NotLaunched",
            "2/3 active; @3 inactive",
            id="one was not launched yet",
        ),
        pytest.param(
            Member(3, "failed/failed", desired="loaded"),
            "NotLaunched",
            "2/3 active; @3 loaded",
            id="one is in the middle of a restart",
        ),
    ],
)
def test_ready(third: Member, reason: str, message: str) -> None:
    ready = condition(chain(*healthy(1, 2), third), "Ready")
    assert (ready.reason, ready.message) == (reason, message)
    assert ready.holds == (reason == "AsAsked")


READY = Status((Condition("Ready", "True", "AsAsked"),))
NOT_READY = Status((Condition("Ready", "False", "UnitFailed"),))
RUNS_SHORTLY = Member(3, seconds=2)


@pytest.mark.parametrize(
    ("third", "before", "holds"),
    [
        pytest.param(RUNS_SHORTLY, READY, True, id="what was ready and runs stays ready"),
        pytest.param(RUNS_SHORTLY, NOT_READY, False, id="what was not has to run for a while"),
        pytest.param(RUNS_SHORTLY, None, False, id="and so has what is new"),
        pytest.param(Member(3, "failed/failed"), READY, False, id="what failed is not ready"),
        pytest.param(
            Member(3, seconds=2, desired="loaded"), READY, False, id="nor what is about to stop"
        ),
        pytest.param(
            Member(3, seconds=2, content=OLD_CONTENT), READY, False, id="nor what is outdated"
        ),
    ],
)
def test_readiness_is_not_lost_for_want_of_patience(
    third: Member, before: Status | None, holds: bool
) -> None:
    ready = condition(chain(*healthy(1, 2), third, before=before), "Ready")
    assert ready.holds is holds
    assert (ready.message == "3/3 active") is holds


def test_a_missing_instance_is_named() -> None:
    ready = condition(chain(*healthy(1, 2)), "Ready")
    assert (ready.reason, ready.message) == ("UnitMissing", "2/3 active; @3 missing")


def test_the_worst_trouble_is_the_reason() -> None:
    found = chain(Member(1, seconds=2), Member(2, "failed/failed"), Member(3, "activating/start"))
    assert condition(found, "Ready").reason == "UnitFailed"


def test_of_many_troubles_only_some_are_named() -> None:
    members = (Member(number, "activating/start") for number in range(1, 9))
    message = condition(chain(*members, of=resource(instances=8)), "Ready").message
    assert message.endswith("; @5 activating; 3 more")


def test_a_held_step_tells_its_gate() -> None:
    found = chain(*healthy(1, 2), Member(3, content=OLD_CONTENT))
    waiting = (Waiting("fleet:es@3.service", "budget", "BudgetUsedUp"),)
    status = KIND.status(found.resource, found.observed, found.drift, waiting, found.now)
    ready = status.condition("Ready")
    assert ready is not None
    assert ready.message == "3/3 active; @3 outdated, held by gate budget"


def test_an_old_configuration_is_not_ready() -> None:
    of = resource(reads=["configkey/es"])
    facts = {CONFIG: {"sha256": "b", "onChange": "restart"}}
    found = chain(*healthy(1, 2, 3), of=of, own={"config": {"es@2.service": "a"}}, facts=facts)
    assert condition(found, "Ready").message == "3/3 active; @2 outdated"


@pytest.mark.parametrize(
    ("asked", "member", "message"),
    [
        pytest.param("loaded", Member(1, "inactive/dead", desired="loaded"), "", id="loaded"),
        pytest.param(
            "inactive", Member(1, None, desired="inactive", placed=False), "", id="inactive"
        ),
        pytest.param("inactive", Member(1), "; @1 not inactive", id="not inactive yet"),
        pytest.param(
            "loaded",
            Member(1, desired="loaded", current="launched"),
            "; @1 not loaded",
            id="not loaded yet",
        ),
    ],
)
def test_what_should_not_run_is_ready_when_it_rests(
    asked: str, member: Member, message: str
) -> None:
    ready = condition(chain(member, of=resource(instances=1, desiredState=asked)), "Ready")
    assert ready.holds == (not message)
    assert ready.message == f"{0 if message else 1}/1 {asked}{message}"


def test_what_completed_is_ready() -> None:
    of = resource("job", name="job.service", instances=None, content=ONESHOT)
    member = Member(1, "inactive/dead", content=ONESHOT, name="job.service")
    assert condition(chain(member, of=of), "Ready").holds


def test_a_unit_without_instances_goes_by_its_name() -> None:
    of = resource("job", name="job.service", instances=None)
    member = Member(1, "failed/failed", name="job.service")
    assert condition(chain(member, of=of), "Ready").message == "0/1 active; job.service failed"


def test_of_no_instances_all_are_ready() -> None:
    ready = condition(chain(of=resource(instances=0)), "Ready")
    assert (ready.holds, ready.message) == (True, "0/0 active")


def test_too_many_restarts_are_a_crash_loop() -> None:
    loop = condition(chain(*healthy(1, 2), Member(3, "failed/failed"), own=CRASHES), "CrashLoop")
    assert loop.holds
    assert loop.message == "@3 restarted 5 times, 5 are allowed, again at 12:01:40"


def test_a_failure_alone_is_no_crash_loop() -> None:
    assert not condition(chain(Member(1, "failed/failed")), "CrashLoop").holds


@pytest.mark.parametrize(
    ("seconds", "holds"),
    [
        pytest.param(29, False, id="not for 29 s"),
        pytest.param(30, True, id="from 30 s on"),
        pytest.param(None, True, id="when nobody knows for how long"),
    ],
)
def test_unschedulable(seconds: float | None, holds: bool) -> None:
    unplaced = Member(4, None, placed=False)
    since = {} if seconds is None else {"es@4.service": ago(seconds)}
    of = resource(instances=4)
    found = chain(*healthy(1, 2, 3), unplaced, of=of, stateless_since=since)
    told = condition(found, "Unschedulable")
    assert told.holds == holds
    reasons = "; ".join(f"10.0.0.{n}: conflicts with es@{n}.service" for n in (1, 2, 3))
    assert told.message == (f"@4: {reasons}" if holds else "")


@pytest.mark.parametrize(
    ("seconds", "message"),
    [
        pytest.param(59, "2/3 active; @3 starting", id="for a minute it may be starting"),
        pytest.param(60, "2/3 active; @3 without a state since 11:59:00", id="then it is told"),
    ],
)
def test_an_instance_without_a_state(seconds: float, message: str) -> None:
    launched = {"launched": {"es@3.service": ago(seconds).isoformat()}}
    ready = condition(chain(*healthy(1, 2), Member(3, None), own=launched), "Ready")
    assert (ready.reason, ready.message) == ("NoState", message)


def test_instances_that_nobody_asks_for_are_told() -> None:
    found = chain(*healthy(1, 2, 3, 4), Member(1, name="es-side@1.service"))
    assert condition(found, "Ready").message.endswith("left alone, not asked for: es@4.service")
    assert found.status.summary["unlisted"] == ["es@4.service"]


def test_summary() -> None:
    found = chain(Member(1), Member(2, "failed/failed"))
    content_hash = found.resource.spec.hash
    rows: list[dict[str, Any]] = [
        {
            "name": "es@1.service",
            "machineId": "machine1",
            "state": "active/running",
            "hash": content_hash,
        },
        {
            "name": "es@2.service",
            "machineId": "machine2",
            "state": "failed/failed",
            "hash": content_hash,
        },
        {"name": "es@3.service", "machineId": None, "state": "missing", "hash": None},
    ]
    summary = dict(found.status.summary)
    assert summary == {"desired": 3, "active": 1, "instances": rows, "surplus": [], "unlisted": []}


@pytest.mark.parametrize("asked", ["loaded", "inactive"])
def test_of_what_is_to_rest_none_is_desired_as_active(asked: str) -> None:
    resting = [Member(at, None, desired=asked, placed=False) for at in (1, 2, 3)]
    found = chain(*resting, of=resource(instances=3, desiredState=asked))
    assert (found.status.summary["desired"], found.status.summary["active"]) == (0, 0)


def test_before_fleet_was_read_readiness_is_unknown() -> None:
    of = resource()
    ready = condition(Chain(of, builders.world(of)), "Ready")
    assert (ready.status, ready.reason) == ("Unknown", "NotObserved")
