"""The engine's rules: who may run where, and who goes where."""

import pytest

from localcloud.fleet.parts.scheduler import Fit, assign, fit
from localcloud.fleet.records import Job
from localcloud.fleet.units.requirements import Requirements, requirements_of
from localcloud.fleet.units.unitfile import parse
from localcloud.seams import Machine
from tests.localcloud.fleet.support import machine

ONE, TWO, THREE = machine(1), machine(2), machine(3)


def needs(name: str, *lines: str) -> Requirements:
    return requirements_of(name, parse(fleet_section(*lines)))


def fleet_section(*lines: str) -> str:
    return "[X-Fleet]\n" + "".join(f"{line}\n" for line in lines)


def job(name: str, *lines: str, target: Machine | None = None, desired: str = "launched") -> Job:
    return Job(name, fleet_section(*lines), desired, None if target is None else target.id)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["MachineID=abc", "MachineID=def"], Requirements(machine_id="abc")),
        (["X-ConditionMachineID=abc"], Requirements(machine_id="abc")),
        (["MachineOf=b@%i.service"], Requirements(machine_of=("b@1.service",))),
        (["X-ConditionMachineOf=b@%i.service"], Requirements(machine_of=("b@1.service",))),
        (["Conflicts=%p@*.service"], Requirements(conflicts=("a@*.service",))),
        (["X-Conflicts=a@*.service"], Requirements(conflicts=("a@*.service",))),
        (["Conflicts=a.service b.service"], Requirements(conflicts=("a.service", "b.service"))),
        (["MachineMetadata=k=v"], Requirements(metadata=(("k", "v"),))),
        (['MachineMetadata="k=v" "l=w"'], Requirements(metadata=(("k", "v"), ("l", "w")))),
        (["MachineMetadata=k", "MachineMetadata=a=b=c"], Requirements()),
        (["Global=true", "Global=no"], Requirements()),
        (["Global=YES"], Requirements(everywhere=True)),
        (["MachineMetaData=k=v", "Wibble=1"], Requirements()),
    ],
    ids=str,
)
def test_requirements(lines: list[str], expected: Requirements) -> None:
    assert needs("a@1.service", *lines) == expected


RED = machine(1, colour="red", size="big")


@pytest.mark.parametrize(
    ("version", "lines", "expected"),
    [
        pytest.param(
            "0.13.0",
            ["Conflicts=a.service b.service"],
            Requirements(conflicts=("a.service b.service",)),
            id="before 1.0 a list of conflicts is one pattern",
        ),
        pytest.param(
            "0.13.0", ["Replaces=b"], Requirements(replaces=("b",)), id="0.13 knows Replaces"
        ),
        pytest.param("0.9.0", ["Replaces=b"], Requirements(), id="before 0.13 nobody did"),
    ],
)
def test_requirements_of_older_releases(
    version: str, lines: list[str], expected: Requirements
) -> None:
    assert requirements_of("a.service", parse(fleet_section(*lines)), version) == expected


@pytest.mark.parametrize(
    ("lines", "there", "expected"),
    [
        pytest.param([], {}, Fit.GOOD, id="a unit without requirements runs anywhere"),
        pytest.param([f"MachineID={RED.id}"], {}, Fit.GOOD, id="the machine by its id"),
        pytest.param([f"MachineID={RED.id[:8]}"], {}, Fit.GOOD, id="the machine by its short id"),
        pytest.param([f"MachineID={TWO.id}"], {}, Fit.NONE, id="another machine"),
        pytest.param(["MachineID="], {}, Fit.NONE, id="an empty id is that of no machine"),
        pytest.param(
            ["MachineMetadata=colour=blue", "MachineMetadata=colour=red"],
            {},
            Fit.GOOD,
            id="the same key twice: either",
        ),
        pytest.param(
            ["MachineMetadata=colour=red", "MachineMetadata=size=small"],
            {},
            Fit.NONE,
            id="different keys: both",
        ),
        pytest.param(["MachineOf=b.service"], {}, Fit.NONE, id="a peer that is not there"),
        pytest.param(
            ["MachineOf=b.service"], {"b.service": []}, Fit.GOOD, id="a peer that is there"
        ),
        pytest.param(["MachineOf=b*"], {"b.service": []}, Fit.NONE, id="a peer is no pattern"),
        pytest.param(["Conflicts=b*"], {"b.service": []}, Fit.NONE, id="a conflict of ours"),
        pytest.param(
            [], {"b.service": ["X-Conflicts=a*"]}, Fit.NONE, id="a conflict of the other's"
        ),
        pytest.param(["Conflicts=[b"], {"b.service": []}, Fit.GOOD, id="a bad pattern is none"),
        pytest.param(["Conflicts=*"], {"a.service": []}, Fit.GOOD, id="a unit ignores itself"),
        pytest.param(
            [], {"b.service": ["Replaces=a.service"]}, Fit.CROWDED, id="it is replaced there"
        ),
        pytest.param(["Replaces=b.*"], {"b.service": []}, Fit.CROWDED, id="it replaces one there"),
        pytest.param(
            ["Replaces=b.service"],
            {"b.service": ["Replaces=a.service"]},
            Fit.GOOD,
            id="two that replace each other are left in peace",
        ),
    ],
)
def test_fit(lines: list[str], there: dict[str, list[str]], expected: Fit) -> None:
    neighbours = {name: needs(name, *theirs) for name, theirs in there.items()}
    assert fit("a.service", needs("a.service", *lines), RED, neighbours) is expected


@pytest.mark.parametrize(
    ("jobs", "machines", "changes"),
    [
        pytest.param(
            [job("a.service"), job("b.service"), job("c.service")],
            [ONE, TWO],
            {"a.service": ONE.id, "b.service": TWO.id, "c.service": ONE.id},
            id="the least loaded machine wins, among equals the lowest id",
        ),
        pytest.param(
            [job("a.service", target=TWO), job("b.service", target=ONE)],
            [ONE, TWO, THREE],
            {},
            id="nothing is rebalanced",
        ),
        pytest.param(
            [job(f"a@{n}.service", "Conflicts=a@*.service") for n in (3, 1, 2)],
            [ONE, TWO],
            {"a@3.service": ONE.id, "a@1.service": TWO.id},
            id="of units that exclude each other the first ones are placed, the last one waits",
        ),
        pytest.param(
            [job("a.service", target=THREE)],
            [ONE],
            {"a.service": ONE.id},
            id="a unit of a lost machine moves",
        ),
        pytest.param(
            [job("a.service", target=ONE, desired="inactive")],
            [ONE],
            {"a.service": None},
            id="an inactive unit is unscheduled",
        ),
        pytest.param(
            [job("b.service", "MachineOf=a.service", target=ONE), job("a.service", target=TWO)],
            [ONE, TWO],
            {"b.service": TWO.id},
            id="a follower goes where its peer is",
        ),
        pytest.param(
            [job("a.service", "MachineOf=b.service"), job("b.service", "MachineOf=a.service")],
            [ONE],
            {},
            id="two that follow each other are never placed",
        ),
        pytest.param(
            [job("g.service", "Global=true"), job("a.service", "Conflicts=g.service")],
            [ONE],
            {},
            id="a global unit is on every machine, and gets no target",
        ),
        pytest.param(
            [
                job("a.service", "Conflicts=g.service"),
                job("g.service", "Global=true", desired="inactive"),
            ],
            [ONE],
            {},
            id="a global unit excludes others even while it is inactive",
        ),
        pytest.param(
            [job("b.service", "Replaces=a.service", target=ONE), job("a.service", target=ONE)],
            [ONE, TWO],
            {"a.service": TWO.id},
            id="who replaces a unit and is looked at first drives it from the machine",
        ),
        pytest.param(
            [job("a.service", target=ONE), job("b.service", "Replaces=a.service", target=ONE)],
            [ONE, TWO],
            {"b.service": TWO.id},
            id="who is replaced and is looked at first drives the other one out",
        ),
        pytest.param(
            [job("b.service", "Replaces=a.service", target=ONE), job("a.service", target=ONE)],
            [ONE],
            {"a.service": None},
            id="driven out with nowhere to go, a unit has no home for this round",
        ),
        pytest.param(
            [job("b.service", "Replaces=a.service", target=ONE), job("a.service")],
            [ONE],
            {"a.service": ONE.id},
            id="and is put back in the next one",
        ),
        pytest.param(
            [job("a.service", target=ONE), job("b.service", "Replaces=a.service")],
            [ONE, TWO],
            {"b.service": TWO.id},
            id="placed on another machine, it replaces nothing",
        ),
    ],
)
def test_assign(jobs: list[Job], machines: list[Machine], changes: dict[str, str | None]) -> None:
    assert assign(jobs, machines) == changes
