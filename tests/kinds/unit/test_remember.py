"""What is kept of settled steps, and what is not."""

import json
from typing import Any

import pytest

from steersman.kinds.unit import KIND
from steersman.kinds.unit.owned import owned
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.memory import Memory
from steersman.model.outcome import Outcome
from steersman.model.plan import Effect, Target
from tests.kinds.builders import NOW
from tests.kinds.unit.support import KEY, OLD_CONTENT, Member, chain, resource

UNIT = "es@1.service"
REFUSED = OutsideError(ErrorClass.INVALID, "400", "no")


def outcome(action: str, error: OutsideError | None = None, **attributes: str) -> Outcome:
    return Outcome(KEY, Target("fleet", UNIT), action, Effect.REPAIR, NOW, error, attributes)


def kept(what: str, memory: Memory) -> Any:
    """As it is after a daemon's restart."""
    return json.loads(json.dumps(dict(memory.own))).get(what, {}).get(UNIT)


@pytest.mark.parametrize("reason", ["UnitFailed", "UnitStopped"])
def test_a_restart_of_what_went_down_is_counted(reason: str) -> None:
    memory = KIND.remember(Memory(), outcome("LoadUnit", reason=reason))
    memory = KIND.remember(memory, outcome("LoadUnit", reason=reason))
    assert kept("restarts", memory) == [NOW.isoformat(), NOW.isoformat()]


@pytest.mark.parametrize("action", ["SubmitUnit", "ReplaceUnit", "LaunchUnit"])
def test_what_a_step_made_or_changed_is_ours(action: str) -> None:
    assert UNIT in owned(KIND.remember(Memory(), outcome(action)))
    assert UNIT not in owned(KIND.remember(Memory(), outcome(action, REFUSED)))


def test_of_what_is_destroyed_nothing_is_kept() -> None:
    memory = KIND.remember(Memory(), outcome("LaunchUnit", starts="a"))
    memory = KIND.remember(memory, outcome("DestroyUnit"))
    assert not any(memory.own.values())


def test_what_is_destroyed_to_be_replaced_stays_ours_and_begun_and_is_forgiven() -> None:
    memory = KIND.remember(Memory(), outcome("LoadUnit", reason="UnitFailed"))
    stopped = outcome("UnloadUnit", reason="ContentDiffers", begins="replacement")
    memory = KIND.remember(memory, stopped)
    memory = KIND.remember(memory, outcome("SubmitUnit"))
    memory = KIND.remember(memory, outcome("DestroyUnit", reason="ContentDiffers"))
    assert UNIT in owned(memory)
    assert (kept("begun", memory), kept("restarts", memory)) == (NOW.isoformat(), [])


@pytest.mark.parametrize("reason", ["ConfigChanged", "BoundUnitRestarted", "DesiredStateDiffers"])
def test_a_restart_that_was_our_own_wish_is_not(reason: str) -> None:
    assert KIND.remember(Memory(), outcome("LoadUnit", reason=reason)) == Memory()


def test_other_content_is_forgiven_what_the_old_one_did() -> None:
    memory = KIND.remember(Memory(), outcome("LoadUnit", reason="UnitFailed"))
    memory = KIND.remember(memory, outcome("ReplaceUnit", reason="ContentDiffers", starts=""))
    assert kept("restarts", memory) == []


def test_a_launch_is_kept_with_its_configuration() -> None:
    memory = KIND.remember(Memory(), outcome("LaunchUnit", reason="NotLaunched", starts="abc"))
    assert kept("launched", memory) == NOW.isoformat()
    assert kept("config", memory) == "abc"


def test_a_launch_with_an_unknown_configuration_keeps_the_one_before() -> None:
    memory = KIND.remember(Memory(), outcome("LaunchUnit", starts="abc"))
    memory = KIND.remember(memory, outcome("LaunchUnit", starts=""))
    assert kept("config", memory) == "abc"


def test_nothing_is_kept_of_a_failed_step() -> None:
    error = OutsideError(ErrorClass.TRANSIENT, "503", "no etcd")
    assert KIND.remember(Memory(), outcome("LaunchUnit", error, starts="abc")) == Memory()


def test_the_restarts_that_are_kept_are_bounded() -> None:
    memory = Memory()
    for _ in range(120):
        memory = KIND.remember(memory, outcome("LoadUnit", reason="UnitFailed"))
    assert len(kept("restarts", memory)) == 100


@pytest.mark.parametrize(
    ("member", "attributes"),
    [
        pytest.param(
            Member(1, None, desired="inactive", placed=False),
            {"reason": "NotLaunched", "starts": ""},
            id="a launch starts it",
        ),
        pytest.param(
            Member(1, content=OLD_CONTENT),
            {"reason": "ContentDiffers", "starts": ""},
            id="so does replacing what is launched",
        ),
        pytest.param(
            Member(1, None, desired="inactive", content=OLD_CONTENT),
            {"reason": "ContentDiffers"},
            id="replacing what is inactive does not",
        ),
        pytest.param(
            Member(1, "failed/failed"),
            {"reason": "UnitFailed", "begins": "restart"},
            id="loading begins",
        ),
    ],
)
def test_attributes(member: Member, attributes: dict[str, str]) -> None:
    [step] = chain(member, of=resource(instances=1)).plan.steps
    assert KIND.attributes(step) == attributes
