"""Lint of a unit's document: what fleet accepts in its unit file, and what will hurt."""

from functools import lru_cache

from steersman.kinds.unit.spec import UnitSpec
from steersman.model.finding import Finding
from steersman.model.status import Condition
from steersman.model.unitfile.lint import lint as lint_text

CONTENT = "spec.content"
MENDED_BY_BOUND_TO = frozenset({"AbandonedSidekick"})
FINDINGS_NAMED_MAX = 10
REMEMBERED_MAX = 4096  # unit files; more are looked at again in each pass


def lint(spec: UnitSpec, fleet_version: str = "") -> tuple[Finding, ...]:
    """`fleet_version` is "" where nobody knows it: what depends on it is not told then."""
    found = _of_text(spec.text, spec.name, fleet_version)
    mended = MENDED_BY_BOUND_TO if spec.bound_to else frozenset()
    return tuple(each for each in found if each.rule not in mended)


def lint_condition(spec: UnitSpec, fleet_version: str) -> Condition:
    found = lint(spec, fleet_version)
    said = [f"line {each.line}: {each.message}" for each in found[:FINDINGS_NAMED_MAX]]
    if more := len(found) - len(said):
        said.append(f"{more} more")
    return Condition.of("Lint", bool(found), "Findings" if found else "Clean", "; ".join(said))


@lru_cache(maxsize=REMEMBERED_MAX)
def _of_text(text: str, name: str, fleet_version: str) -> tuple[Finding, ...]:
    """Remembered: a document's status is made anew in every pass, and its text never changes."""
    return lint_text(text, name, CONTENT, fleet_version)
