"""One member of a resource: what is told of it alone."""

import pytest

from tests.cli.support import Told, event, resource, steersman

POOL = resource(
    "nodepool",
    "core",
    ready="False",
    summary={
        "desired": 2,
        "ready": 1,
        "members": [
            {"name": "core1", "ip": "10.0.0.1", "phase": "Ready"},
            {"name": "core2", "ip": None, "phase": "Booting"},
        ],
    },
    waiting=[
        {
            "target": f"compute:europe-west1-b/core{number}",
            "gate": "budget",
            "reason": "BudgetUsedUp",
            "message": f"core{number} waits",
            "until": None,
        }
        for number in (1, 2)
    ],
)
UNIT = resource(
    "unit",
    "es",
    summary={
        "desired": 2,
        "active": 2,
        "instances": [{"name": f"es@{each}.service", "state": "running"} for each in (1, 2)],
    },
)


@pytest.fixture(autouse=True)
def _fleet(told: Told) -> None:
    told.items = [POOL, UNIT]
    told.happened = [
        {**event("es", target="fleet:es@1.service"), "message": "first"},
        {**event("es", target="fleet:es@2.service"), "message": "second"},
    ]


@pytest.mark.parametrize(
    ("ref", "lines"),
    [
        ("np/core/core2", [["NAME", "IP", "PHASE"], ["core2", "-", "Booting"]]),
        ("unit/es@2", [["NAME", "STATE"], ["es@2.service", "running"]]),
    ],
)
def test_a_member_has_a_line_of_its_own(ref: str, lines: list[list[str]]) -> None:
    ended = steersman("get", ref)

    assert (ended.code, [line.split() for line in ended.lines]) == (0, lines)


def test_programs_get_the_resource_with_nothing_of_the_other_members() -> None:
    status = steersman("get", "nodepool/core/core2", "-o", "json").json["status"]

    assert status["summary"] == {"members": [POOL["status"]["summary"]["members"][1]]}
    assert status["waiting"] == [POOL["status"]["waiting"][1]]
    assert status["conditions"] == POOL["status"]["conditions"]


def test_the_name_of_a_member_is_what_people_type() -> None:
    assert steersman("get", "np/core/core2", "-o", "name").lines == ["nodepool/core/core2"]
    assert steersman("describe", "unit/es@1", "-o", "name").lines == ["unit/es@1"]


def test_a_description_of_a_member_tells_what_happened_to_it() -> None:
    told = steersman("describe", "unit/es@2").out

    assert told.startswith("unit/es@2  ")
    assert ("second" in told, "first" in told) == (True, False)
    assert ("es@2.service" in told, "es@1.service" in told) == (True, False)


@pytest.mark.parametrize(
    ("ref", "said"),
    [
        ("np/core/core9", "nodepool/core/core9 is not there: nodepool/core has core1, core2"),
        ("unit/es@9", "unit/es@9 is not there: unit/es has es@1.service, es@2.service"),
    ],
)
@pytest.mark.parametrize("command", ["get", "describe"])
def test_a_member_that_is_not_there_is_told_with_those_that_are(
    command: str, ref: str, said: str
) -> None:
    ended = steersman(command, ref)

    assert (ended.code, ended.out, ended.err) == (4, "", f"steersman: {said}\n")
