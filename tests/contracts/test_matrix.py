"""The matrix has every cell, and passes over no case that its list does not name."""

import ast
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from tests.contracts.matrix import CELLS, GAPS, Cell, gap

_CASES = {
    node.name
    for path in Path(__file__).parent.glob("test_store*.py")
    for node in ast.walk(ast.parse(path.read_text()))
    if isinstance(node, ast.AsyncFunctionDef) and node.name.startswith("test_")
}


def test_there_is_a_cell_for_every_api_security_and_size() -> None:
    wanted = {Cell(*each) for each in product(("v3", "v2"), (False, True), (1, 3))}

    assert {*CELLS} == wanted | {Cell("model")}


def test_gaps_are_gaps_of_cases_that_exist() -> None:
    assert {case for gap in GAPS for case in gap.cases} <= _CASES


@pytest.mark.parametrize("case", sorted(_CASES))
def test_a_case_is_kept_somewhere_on_a_real_etcd(case: str) -> None:
    assert any(gap(cell, case) is None for cell in CELLS if cell.api != "model")


SUITE = """
import pytest

async def test_a_case_that_nobody_may_skip(cell):
    pytest.skip("not today")

async def test_a_store_without_fences_refuses_them(cell):
    raise AssertionError("it runs where the list does not name it")
"""


def test_a_skip_that_the_list_does_not_name_is_a_failure(tmp_path: Path) -> None:
    shutil.copy(Path(__file__).parent / "conftest.py", tmp_path)
    (tmp_path / "test_planted.py").write_text(SUITE)

    config = str(Path(__file__).parents[2] / "pyproject.toml")
    command = [sys.executable, "-m", "pytest", "-c", config, "-m", "", "-p", "no:cacheprovider"]
    done = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, timeout=100)

    without_fence = sum(cell.api == "v2" for cell in CELLS)
    failed, skipped = len(CELLS) + without_fence, len(CELLS) - without_fence
    assert f"{failed} failed, {skipped} skipped" in done.stdout
