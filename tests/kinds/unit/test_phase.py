"""The phase of an instance: a table over what fleet and systemd say."""

from dataclasses import replace

import pytest

from steersman.kinds.unit.phase import Phase, phase_of
from tests.kinds.builders import NOW, ago
from tests.kinds.unit.support import OLD_CONTENT, Member


@pytest.mark.parametrize(
    ("member", "phase"),
    [
        pytest.param(Member(1), Phase.RUNNING, id="active/running runs"),
        pytest.param(Member(1, "active/listening"), Phase.RUNNING, id="so does a socket"),
        pytest.param(Member(1, "active/exited"), Phase.STOPPED, id="active/exited does not run"),
        pytest.param(Member(1, "failed/failed"), Phase.FAILED, id="failed/failed failed"),
        pytest.param(
            Member(1, "inactive/dead", load="bad-setting"),
            Phase.FAILED,
            id="what systemd cannot load failed",
        ),
        pytest.param(Member(1, "inactive/dead"), Phase.STOPPED, id="inactive/dead stopped"),
        pytest.param(Member(1, "activating/start-pre"), Phase.MOVING, id="activating moves"),
        pytest.param(Member(1, "deactivating/stop"), Phase.MOVING, id="deactivating moves"),
        pytest.param(
            Member(1, running_content=OLD_CONTENT),
            Phase.UPDATING,
            id="systemd's hash is not fleet's: an update is under way",
        ),
        pytest.param(
            Member(1, None, placed=False), Phase.UNPLACED, id="no machine: it was not placed"
        ),
        pytest.param(Member(1, None), Phase.SILENT, id="a machine and no state: nobody knows"),
        pytest.param(
            Member(1, None, desired="inactive", placed=False),
            Phase.IDLE,
            id="inactive and no state: it rests",
        ),
        pytest.param(
            Member(1, "failed/failed", desired="loaded"),
            Phase.IDLE,
            id="what failed before it was loaded rests",
        ),
        pytest.param(
            Member(1, desired="loaded"), Phase.RUNNING, id="loaded and still running: it runs"
        ),
    ],
)
def test_of_what_is_expected_to_run(member: Member, phase: Phase) -> None:
    assert phase_of(member.unit(), member.unit_state(), "running", None, NOW) is phase


@pytest.mark.parametrize(
    ("state", "phase"),
    [
        pytest.param("inactive/dead", Phase.COMPLETED, id="inactive/dead completed"),
        pytest.param("active/exited", Phase.COMPLETED, id="active/exited completed"),
        pytest.param("failed/failed", Phase.FAILED, id="failed/failed failed"),
        pytest.param("active/running", Phase.RUNNING, id="active/running is still at it"),
    ],
)
def test_of_what_is_expected_to_complete(state: str, phase: Phase) -> None:
    member = Member(1, state)
    assert phase_of(member.unit(), member.unit_state(), "completed", None, NOW) is phase


def test_a_unit_that_fleet_does_not_have_is_missing() -> None:
    assert phase_of(None, None, "running", None, NOW) is Phase.MISSING


@pytest.mark.parametrize(
    ("state_seconds", "launched_seconds", "phase"),
    [
        pytest.param(60, 5, Phase.STARTING, id="a state older than the launch is not believed"),
        pytest.param(60, 16, Phase.FAILED, id="after 15 s it is"),
        pytest.param(3, 5, Phase.FAILED, id="a state newer than the launch is believed at once"),
    ],
)
def test_after_a_launch(state_seconds: float, launched_seconds: float, phase: Phase) -> None:
    failed = Member(1, "failed/failed", seconds=state_seconds)
    launched = ago(launched_seconds)
    assert phase_of(failed.unit(), failed.unit_state(), "running", launched, NOW) is phase


@pytest.mark.parametrize(
    ("current", "current_seconds", "launched_seconds", "phase"),
    [
        pytest.param(
            "loaded", 90, 59, Phase.STARTING, id="until its machine begins it is starting"
        ),
        pytest.param("inactive", 90, 59, Phase.STARTING, id="and so it is until it has loaded it"),
        pytest.param("loaded", 90, 61, Phase.FAILED, id="but not for ever"),
        pytest.param("launched", 4, 40, Phase.STARTING, id="a late begin has time to be told"),
        pytest.param("launched", 6, 40, Phase.FAILED, id="and no more than that"),
        pytest.param("launched", 90, 16, Phase.FAILED, id="an early one has none to add"),
    ],
)
def test_a_machine_may_be_slow_to_begin(
    current: str, current_seconds: float, launched_seconds: float, phase: Phase
) -> None:
    failed = Member(1, "failed/failed", seconds=90)
    unit = replace(failed.unit(), current_state=current, since=ago(current_seconds))
    launched = ago(launched_seconds)
    assert phase_of(unit, failed.unit_state(), "running", launched, NOW) is phase
