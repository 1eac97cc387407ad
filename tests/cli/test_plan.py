from typing import Any

from tests.cli.support import Told, steersman


def step(effect: str, action: str, **gate: Any) -> dict[str, Any]:
    passed = {"gate": "leader", "result": "Pass", "reason": "", "message": "", "until": None}
    held = {**passed, "result": "Wait", **gate}
    return {
        "id": "7f3a",
        "kind": "nodepool",
        "name": "core",
        "action": action,
        "effect": effect,
        "target": "compute:core4",
        "reason": "Missing",
        "message": "core4 is not there",
        "differences": [{"path": "spec.replicas", "desired": "4", "observed": "3"}],
        "gates": [passed, held] if gate else [passed],
    }


def test_each_step_has_its_sign_its_reason_and_what_it_waits_for(told: Told) -> None:
    told.steps = [
        step("create", "CreateInstance"),
        step("disrupt", "StopInstance", gate="budget", message="1 of 1 away"),
        step("destroy", "DeleteInstance", gate="approval", reason="ApprovalNeeded"),
    ]
    header, titles, *rows = steersman("plan").lines
    assert header == "plan 7f3a: 1 create, 1 disrupt, 1 destroy"
    assert titles.split() == ["KIND/NAME", "ACTION", "TARGET", "WHY", "WHEN"]
    assert [row.split()[0] for row in rows] == ["+", "~", "-"]
    assert rows[0].endswith("core4 is not there  runs now")
    assert rows[1].endswith("waits: budget (1 of 1 away)")
    assert rows[2].endswith("waits: approval (ApprovalNeeded)")


def test_wide_tells_every_difference(told: Told) -> None:
    told.steps = [step("create", "CreateInstance")]
    assert "spec.replicas: 3 -> 4" in steersman("plan", "-o", "wide").out
    assert "spec.replicas: 3 -> 4" not in steersman("plan").out


def test_an_incomplete_plan_says_so(told: Told) -> None:
    told.complete = False
    (line,) = steersman("plan").lines
    assert line == "plan 7f3a: nothing to do   incomplete: not everything was observed"


def test_programs_get_what_the_daemon_says(told: Told) -> None:
    told.steps = [step("create", "CreateInstance")]
    assert steersman("plan", "-o", "json").json == told.plan()


def test_steps_are_an_exit_code_only_when_asked(told: Told) -> None:
    assert steersman("plan", "--detailed-exitcode").code == 0
    told.steps = [step("create", "CreateInstance")]
    assert steersman("plan").code == 0
    assert steersman("plan", "--detailed-exitcode").code == 2
    assert steersman("plan", "--detailed-exitcode", "-o", "json").code == 2
