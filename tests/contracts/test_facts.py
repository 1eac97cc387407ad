"""Every fact about the outside that the local cloud and the clients build on is tested, or said not
to be modelled. The files FACTS-*.md are its tables; FACTS-gce.md tells their format."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(Path(__file__).parent.glob("FACTS-*.md"))
NOT_MODELLED = "not modelled: "

_HEADING = re.compile(r"## (?P<section>\S+) .+: (?P<count>\d+) facts?")
_ROW = re.compile(r"\| (?P<section>\S+)-(?P<number>\d+) \| (?P<fact>.+?) \| (?P<proof>.+) \|")


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    fact: str
    proof: str  # node ids, or NOT_MODELLED and the reason


def rows(page: str) -> list[Row]:
    return [
        Row(f"{match['section']}-{match['number']}", match["fact"], match["proof"])
        for match in map(_ROW.fullmatch, page.splitlines())
        if match
    ]


def announced(page: str) -> Iterator[str]:
    """The ids that the headings promise: as many to a section as it says, counted from one."""
    for match in filter(None, map(_HEADING.fullmatch, page.splitlines())):
        yield from (f"{match['section']}-{n}" for n in range(1, int(match["count"]) + 1))


def faults_of(page: str) -> list[str]:
    """What is wrong with a page; empty: nothing."""
    found = rows(page)
    ids = [row.id for row in found]
    promised = list(announced(page))
    return [
        *(f"{one}: no line" for one in promised if one not in ids),
        *(f"{one}: not announced by a heading" for one in ids if one not in promised),
        *(f"{one}: twice" for one in sorted({one for one in ids if ids.count(one) > 1})),
        *(f"{line!r}: no heading, and no row" for line in page.splitlines() if _odd(line)),
        *(f"{row.id}: {problem}" for row in found for problem in _unproved(row.proof)),
    ]


def _odd(line: str) -> bool:
    """A line that was meant to count, but does not read as one that counts."""
    if line.startswith("|"):
        rule_or_title = set(line) <= set("|- ") or line.startswith("| id ")
        return not rule_or_title and not _ROW.fullmatch(line)
    return line.startswith("## ") and not _HEADING.fullmatch(line)


def _unproved(proof: str) -> Iterator[str]:
    if proof.startswith(NOT_MODELLED):
        if not proof.removeprefix(NOT_MODELLED).strip():
            yield "does not say why it is not modelled"
        return
    for node in proof.split():
        file, _, function = node.partition("::")
        if function.partition("[")[0] not in _tests(file):
            yield f"there is no test {node}"


@cache
def _tests(file: str) -> frozenset[str]:
    """The names of the test functions of a file, as text and not by importing it."""
    path = ROOT / file
    if not file.startswith("tests/") or not path.is_file():
        return frozenset()
    names = (
        node.name
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return frozenset(name for name in names if name.startswith("test_"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_each_fact_of_a_page_has_a_line_that_holds(path: Path) -> None:
    page = path.read_text()
    assert rows(page)
    assert faults_of(page) == []


HERE = "tests/contracts/test_facts.py"
GOOD = f"## 1.1 Words: 1 fact\n| 1.1-1 | So it is. | {HERE}::test_a_page_is_faulted_for |"


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        pytest.param(GOOD.replace("1 fact", "2 facts"), "1.1-2: no line", id="a missing fact"),
        pytest.param(f"{GOOD}\n{GOOD.splitlines()[1]}", "1.1-1: twice", id="a fact told twice"),
        pytest.param(GOOD.replace("| 1.1-1", "| 1.1-2"), "not announced", id="an unknown id"),
        pytest.param(GOOD.replace("test_a_page", "test_no_page"), "no test", id="an unknown test"),
        pytest.param(GOOD.replace("test_facts", "test_fax"), "no test", id="an unknown file"),
        pytest.param(
            GOOD.replace(f"{HERE}::test_a_page_is_faulted_for", NOT_MODELLED),
            "does not say why",
            id="a gap without a reason",
        ),
        pytest.param(f"{GOOD}\n| 1.1.2 | Lost. |", "no row", id="a line that is no row"),
    ],
)
def test_a_page_is_faulted_for(page: str, fault: str) -> None:
    assert any(fault in found for found in faults_of(page))
    assert faults_of(GOOD) == []
