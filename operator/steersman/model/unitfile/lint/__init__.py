"""What looks right in a unit file, is accepted by fleet, and will hurt."""

from itertools import islice

from steersman.model.finding import Finding
from steersman.model.unitfile.fleet import version_numbers
from steersman.model.unitfile.lint.rules import RULES
from steersman.model.unitfile.lint.source import Source
from steersman.model.unitfile.text import placed

FINDINGS_MAX = 50


def lint(text: str, name: str, path: str, version: str = "") -> tuple[Finding, ...]:
    """The findings of every rule, by line. `name` is the unit's in fleet, a template's for its
    instances; `version` is fleet's, "" where nobody knows it. UnitFileError as `parse`."""
    source = Source(name, text, placed(text), version_numbers(version))
    found = {
        Finding(rule, path, line, message)
        for rule, check in RULES.items()
        for line, message in islice(check(source), FINDINGS_MAX)
    }
    return tuple(sorted(found, key=lambda each: (each.line, each.rule, each.message)))[
        :FINDINGS_MAX
    ]
