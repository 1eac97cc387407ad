"""Finds a short story that fails as a long one did."""

from collections.abc import Iterator
from dataclasses import replace

from tests.simulation.checker import Violation
from tests.simulation.play import play
from tests.simulation.script import Script

PLAYS_MAX = 80
LATER_SECONDS = 60.0  # without the rest, it may come a little later


def shrink(script: Script, violation: Violation) -> Script:
    """Leaves out happenings, half of them, then ever fewer, while the same rule is broken."""
    until = violation.at + LATER_SECONDS
    script = replace(
        script, happenings=tuple(each for each in script.happenings if each.at <= violation.at)
    )
    plays, size = 0, (len(script.happenings) + 1) // 2
    while size > 0 and plays < PLAYS_MAX:
        for shorter in _without(script, size):
            plays += 1
            found = play(shorter, until).violation
            if found is not None and found.rule == violation.rule:
                script = shorter
                break
        else:
            size //= 2
    return script


def _without(script: Script, size: int) -> Iterator[Script]:
    """Each without so many happenings in a row, the first ones first."""
    for start in range(0, len(script.happenings), size):
        left = script.happenings[:start] + script.happenings[start + size :]
        yield replace(script, happenings=left)
