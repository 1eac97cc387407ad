from pathlib import Path
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


def test_a_plan_names_what_the_daemon_could_not_plan(told: Told) -> None:
    told.complete = False
    told.failed = [
        {"kind": "unit", "name": f"u{at}", "message": "our own mistake"} for at in range(7)
    ]
    (line,) = steersman("plan").lines
    assert line.endswith(
        "incomplete: cannot plan unit/u0, unit/u1, unit/u2, unit/u3, unit/u4 and 2 more"
    )


def test_programs_get_what_the_daemon_says(told: Told) -> None:
    told.steps = [step("create", "CreateInstance")]
    assert steersman("plan", "-o", "json").json == told.plan()


def test_steps_are_an_exit_code_only_when_asked(told: Told) -> None:
    assert steersman("plan", "--detailed-exitcode").code == 0
    told.steps = [step("create", "CreateInstance")]
    assert steersman("plan").code == 0
    assert steersman("plan", "--detailed-exitcode").code == 2
    assert steersman("plan", "--detailed-exitcode", "-o", "json").code == 2


def test_with_files_it_is_the_plan_as_if_they_were_applied(told: Told, tmp_path: Path) -> None:
    told.steps = [step("create", "PutKey")]
    (tmp_path / "a.yaml").write_text("kind: configkey\nmetadata: {name: a}\nspec: {value: x}\n")
    ended = steersman("plan", "-f", str(tmp_path), "--detailed-exitcode")
    assert ended.code == 2
    assert told.supposed == [
        {"kind": "configkey", "metadata": {"name": "a"}, "spec": {"value": "x"}}
    ]


def test_a_file_that_would_not_be_accepted_is_not_planned(told: Told, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("kind: configkey\nmetadata: {name: a}\nspec: {valu: x}\n")
    ended = steersman("plan", "-f", str(file))
    assert ended.code == 5
    assert f"{file}:3: spec.valu: unknown field (did you mean value?)" in ended.err
    assert told.supposed == []


def test_what_only_the_daemon_can_refuse_is_told(told: Told, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("kind: configkey\nmetadata: {name: a}\nspec: {value: x}\n")
    told.rejected = [{"key": "/desired/configkey/a", "message": "depends on itself"}]
    ended = steersman("plan", "-f", str(file))
    assert (ended.code, ended.err) == (5, "/desired/configkey/a: depends on itself\n")
