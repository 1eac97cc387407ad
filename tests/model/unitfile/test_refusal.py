"""Options that fleet refuses together, as a fleet 1.0.0 was seen to do."""

import json
from pathlib import Path
from typing import Any

import pytest

from steersman.model.observed import UnitOption
from steersman.model.unitfile import parse, refusal, survives

RECORDED = Path(__file__).parents[2] / "localcloud" / "fleet" / "data" / "options.json"
CREATED = [
    step
    for step in json.loads(RECORDED.read_text())["steps"]
    if step["request"].startswith("PUT") and step["name"] != "put newline value"
]


@pytest.mark.parametrize("step", CREATED, ids=lambda step: step["name"])
def test_what_a_fleet_was_seen_to_refuse_is_refused_and_nothing_else(step: dict[str, Any]) -> None:
    lines = step["json"]["options"]
    options = tuple(UnitOption(each["section"], each["name"], each["value"]) for each in lines)
    refused = refusal(options) is not None or not survives(options)
    assert refused == (step["status"] == 400)


@pytest.mark.parametrize(
    "lines",
    [
        "MachineID=a MachineOf=b.service",
        "MachineID=a Conflicts=b.service",
        "X-ConditionMachineID=a Conflicts=b.service",
        "MachineID=a Global=true",
        "MachineID=a Replaces=b.service",
        "Global=yes MachineOf=b.service",
        "Global=1 Replaces=b.service",
        "Conflicts=b.service Replaces=c.service",
        "MachineOf=b@1.service Conflicts=b@*.service",
        "X-ConditionMachineOf=b.service X-Conflicts=[^a].service",
        "MachineOf=b.service Replaces=b.service",
    ],
)
def test_requirements_that_exclude_each_other_are_refused(lines: str) -> None:
    assert refusal(parse("[X-Fleet]\n" + lines.replace(" ", "\n")))


@pytest.mark.parametrize(
    "lines",
    [
        "Global=true Conflicts=b.service",
        "Global=true MachineMetadata=a=b",
        "MachineID=a MachineMetadata=a=b",
        "MachineID=a Global=no",
        "Global=yes Global=no MachineOf=b.service",
        "MachineOf=b.service Conflicts=c.service",
        "MachineOf=b.service MachineOf=c.service",
        "Conflcts=b.service Replaces=c.service",
    ],
)
def test_what_goes_together_is_not(lines: str) -> None:
    assert refusal(parse("[X-Fleet]\n" + lines.replace(" ", "\n"))) is None


def test_the_message_names_what_cannot_be() -> None:
    options = parse("[X-Fleet]\nMachineOf=b@1.service\nConflicts=a.service b@*.service\n")
    assert (
        refusal(options)
        == "Conflicts=b@*.service keeps it away from b@1.service, which MachineOf wants near"
    )
