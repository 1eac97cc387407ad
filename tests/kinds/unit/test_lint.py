"""Lint of a unit's document: the condition, and what only the document can tell."""

from steersman.kinds.unit.lint import FINDINGS_NAMED_MAX, lint, lint_condition
from steersman.kinds.unit.spec import UnitSpec

SIDEKICK = "[Unit]\nBindsTo=es.service\nAfter=es.service\n[Service]\nExecStart=/bin/a\n"


def spec(content: str, **fields: object) -> UnitSpec:
    return UnitSpec.model_validate({"name": "a.service", "content": content, **fields})


def test_a_unit_file_without_findings_is_clean() -> None:
    condition = lint_condition(spec("[Service]\nExecStart=/bin/a\n"), "1.0.0")
    assert (condition.type, condition.status, condition.message) == ("Lint", "False", "")


def test_findings_are_told_with_their_lines() -> None:
    content = "[Service]\nTimeoutStartSec=0\nExecStart=/bin/a\n[X-Fleet]\nConflicts=%n\n"
    condition = lint_condition(spec(content), "1.0.0")
    assert (condition.status, condition.reason) == ("True", "Findings")
    first, second = condition.message.split("; ")
    assert first.startswith("line 2: a start that hangs")
    assert second.startswith("line 5: a unit does not conflict with itself")


def test_of_many_findings_the_others_are_counted() -> None:
    wrong = FINDINGS_NAMED_MAX + 3
    content = "[Service]\nExecStart=/bin/a\n[X-Fleet]\n" + "Wrong=1\n" * wrong
    assert lint_condition(spec(content), "").message.endswith("; 3 more")


def test_the_version_of_fleet_decides_on_spellings() -> None:
    content = "[Service]\nExecStart=/bin/a\n[X-Fleet]\nMachineOf=b.service\n"
    statuses = {
        version: lint_condition(spec(content), version).status for version in ("", "0.7.0", "1.0.0")
    }
    assert statuses == {"": "False", "0.7.0": "True", "1.0.0": "False"}


def test_variables_are_filled_in_first() -> None:
    content = "[Service]\nExecStart=/bin/a\n[X-Fleet]\nConflicts={{ other }}\n"
    rules = [each.rule for each in lint(spec(content, variables={"other": "b"}))]
    assert rules == ["DeadConflict"]
    assert lint(spec(content, variables={"other": "b.service"})) == ()


def test_a_sidekick_does_not_come_back_unless_the_document_binds_it_too() -> None:
    (finding,) = lint(spec(SIDEKICK))
    assert (finding.rule, finding.line) == ("AbandonedSidekick", 2)
    assert lint(spec(SIDEKICK, boundTo="unit/es")) == ()
