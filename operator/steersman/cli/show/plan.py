"""A plan as a table: what would be done, why, and what each step waits for."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from steersman.cli.given import Output
from steersman.cli.show.resources import waits
from steersman.cli.show.several import several
from steersman.cli.show.terminal import Table
from steersman.cli.show.times import age
from steersman.model.views import JSON

COLUMNS = ("", "KIND/NAME", "ACTION", "TARGET", "WHY", "WHEN")
SIGNS = {"create": "+", "destroy": "-"}  # all others change what is there
CHANGE = "~"
RUNS_NOW = "runs now"


def plan_header(plan: JSON, now: datetime) -> str:
    counted = Counter(step["effect"] for step in plan["steps"])
    told = ", ".join(f"{count} {effect}" for effect, count in counted.items())
    seen = plan["observedAt"].items()
    observed = ", ".join(f"{name} {age(at, now)} ago" for name, at in seen if at)
    parts = [f"plan {plan['planId']}: {told or 'nothing to do'}"]
    parts += [f"observed: {observed}"] if observed else []
    if not plan["complete"]:
        failed = [f"{each['kind']}/{each['name']}" for each in plan.get("failed", ())]
        parts += [f"incomplete: {_named(failed) or 'not everything was observed'}"]
    return "   ".join(parts)


def plan_table(plan: JSON, output: Output, now: datetime) -> Table:
    rows: list[tuple[str, ...]] = []
    for step in plan["steps"]:
        rows.append(_row(step, now))
        if output is Output.WIDE:
            rows += _difference_rows(step)
    return Table(COLUMNS, rows)


def _named(failed: Sequence[str]) -> str:
    """Those at which the daemon made a mistake: `describe` tells more of each."""
    return f"cannot plan {several(failed)}" if failed else ""


def _row(step: JSON, now: datetime) -> tuple[str, ...]:
    return (
        SIGNS.get(step["effect"], CHANGE),
        f"{step['kind']}/{step['name']}",
        step["action"],
        step["target"],
        step["message"] or step["reason"],
        _when(step, now),
    )


def _when(step: JSON, now: datetime) -> str:
    held = next((each for each in step["gates"] if each["result"] == "Wait"), None)
    return waits(held, now) if held else RUNS_NOW


def _difference_rows(step: JSON) -> Iterator[tuple[str, ...]]:
    for each in step["differences"]:
        change = f"{each['path']}: {each['observed']} -> {each['desired']}"
        yield ("", "", "", "", change, "")
