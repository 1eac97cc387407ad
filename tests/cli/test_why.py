"""`why`: the one gate that blocks, its time and its cure first; all gates when asked."""

import re
from pathlib import Path
from typing import Any

from steersman.cli.show.why import CURES
from steersman.engine.gates import GATES
from tests.cli.support import Told, resource, steersman
from tests.cli.test_plan import step

GATES_PAGE = Path(__file__).parents[2] / "docs" / "GATES.md"


def held(target: str, gate: str, **more: Any) -> dict[str, Any]:
    found = step("repair", "LoadUnit", gate=gate, **more)
    return found | {"kind": "unit", "name": "es", "target": target, "digest": "0a1b2c3d"}


def told_of(told: Told, *steps: dict[str, Any], **more: Any) -> None:
    told.items = [resource("unit", "es", message="3/3 active", **more)]
    told.steps = list(steps)


def test_the_gate_that_blocks_comes_first_with_its_cure(told: Told) -> None:
    told_of(told, held("fleet:es@3.service", "backoff", message="failed 3 times: 503"))
    blocked, cure = steersman("why", "unit/es").lines

    assert blocked == (
        "fleet:es@3.service LoadUnit (Missing, repair) waits: BACKOFF: failed 3 times: 503"
    )
    assert cure == "  cure: steersman retry unit/es@3"


def test_an_approval_is_given_with_what_is_told(told: Told) -> None:
    told_of(told, held("fleet:es@3.service", "approval", message="policy.approval is ask"))

    assert steersman("why", "unit/es").lines[1] == "  cure: steersman approve unit/es 0a1b2c3d"


def test_the_time_is_told_where_there_is_one(told: Told) -> None:
    told_of(told, held("fleet:es@3.service", "window", until="2014-09-01T12:00:00Z"))

    assert "waits: WINDOW until 2014-09-01 " in steersman("why", "unit/es").lines[0]


def test_what_the_kind_itself_waits_for_is_told_too(told: Told) -> None:
    own = {
        "target": "fleet:es@1.service",
        "gate": "restart",
        "reason": "CrashLoop",
        "message": "restarted 5 times",
        "until": None,
    }
    told_of(told, waiting=[own])

    assert steersman("why", "unit/es").lines == [
        "fleet:es@1.service waits: RESTART: restarted 5 times",
        "  cure: steersman retry unit/es@1",
    ]


def test_a_member_is_asked_about_alone(told: Told) -> None:
    told_of(told, held("fleet:es@1.service", "backoff"), held("fleet:es@3.service", "budget"))
    (blocked, _) = steersman("why", "unit/es@3").lines

    assert blocked.startswith("fleet:es@3.service")


def test_where_nothing_is_to_do_the_state_is_told(told: Told) -> None:
    told_of(told)

    assert steersman("why", "unit/es").lines == ["unit/es: nothing to do (3/3 active)"]


def test_what_nobody_could_look_at_is_not_told_to_be_in_order(told: Told) -> None:
    told.items = [resource("unit", "es", ready="Unknown", message="STEERSMAN_FLEET is not set")]

    assert steersman("why", "unit/es").lines == [
        "unit/es: nothing can be told (STEERSMAN_FLEET is not set)"
    ]


def test_what_is_wrong_and_no_step_mends_is_not_told_to_be_in_order(told: Told) -> None:
    told.items = [resource("unit", "es", ready="False", message="es@2 not placed")]

    assert steersman("why", "unit/es").lines == ["unit/es: nothing is planned (es@2 not placed)"]


def test_a_pause_is_told_where_nothing_waits_for_its_end(told: Told) -> None:
    told_of(told, Paused=("True", "all is paused by ana: night"))

    assert steersman("why", "unit/es").lines == [
        "unit/es: nothing to do (3/3 active)",
        "unit/es: all is paused by ana: night",
        "  cure: steersman resume, of the reference that it names",
    ]


def test_what_is_gone_waits_only_for_its_document_to_go(told: Told) -> None:
    gone = ("True", "nothing is left of it")
    told.items = [resource("unit", "es", ready="False", message="nothing is left", Deleted=gone)]

    assert steersman("why", "unit/es").lines == [
        "unit/es: nothing is planned (nothing is left)",
        "  cure: steersman delete unit/es, which removes its document, too",
    ]


def test_a_document_that_was_refused_is_told_before_the_one_in_force(told: Told) -> None:
    told_of(told, held("fleet:es@3.service", "budget"), Accepted=("False", "spec.x: unknown field"))
    refused, blocked, _ = steersman("why", "unit/es").lines

    assert refused == (
        "unit/es: its document is not accepted, the one before is in force: spec.x: unknown field"
    )
    assert blocked.startswith("fleet:es@3.service")


def test_what_was_never_accepted_is_invalid_and_told_why(told: Told) -> None:
    told.rejected = [{"key": "/desired/unit/es", "message": "spec: required, but missing"}]
    ended = steersman("why", "unit/es")

    assert ended.code == 5
    assert ended.err == "steersman: unit/es is not accepted: spec: required, but missing\n"


def test_a_member_that_nobody_told_of_is_not_there(told: Told) -> None:
    told_of(told, summary={"instances": [{"name": "es@1.service"}]})

    assert steersman("why", "unit/es@1").code == 0
    assert steersman("why", "unit/es@7").code == 4


def test_a_step_that_runs_says_so(told: Told) -> None:
    told_of(told, step("create", "SubmitUnit") | {"kind": "unit", "name": "es"})

    assert steersman("why", "unit/es").lines == [
        "compute:core4 SubmitUnit (Missing, create) runs now: core4 is not there"
    ]


def test_verbose_shows_every_gate_of_every_step(told: Told) -> None:
    told_of(told, held("fleet:es@3.service", "backoff"))
    lines = steersman("why", "unit/es", "-v").lines

    assert [line.split()[:2] for line in lines[-2:]] == [["leader", "Pass"], ["backoff", "Wait"]]


def test_programs_get_the_steps(told: Told) -> None:
    steps = [held("fleet:es@1.service", "backoff"), held("fleet:es@3.service", "budget")]
    told_of(told, *steps)

    assert steersman("why", "unit/es", "-o", "json").json == steps
    assert steersman("why", "unit/es@1", "-o", "json").json == steps[:1]


def test_what_is_not_there_is_an_error(told: Told) -> None:
    assert steersman("why", "unit/web").code == 4


def test_without_a_daemon_nobody_knows() -> None:
    assert steersman("why", "unit/es").code == 6


def test_every_gate_has_a_cure_and_a_place_in_the_docs() -> None:
    headings = re.findall(r"^### (.+)$", GATES_PAGE.read_text(), re.MULTILINE)

    assert headings == list(GATES)
    assert GATES.keys() <= CURES.keys()
