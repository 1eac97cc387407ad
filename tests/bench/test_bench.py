"""The bench runs. What it measures depends on the machine, so no figure is asserted."""

import subprocess
import sys

import pytest

BENCH_SECONDS = 110


@pytest.mark.scenario
@pytest.mark.timeout(BENCH_SECONDS + 10)
def test_the_quick_bench_prints_every_figure() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--quick"],
        capture_output=True,
        text=True,
        timeout=BENCH_SECONDS,
        check=False,
    )

    assert told.returncode == 0, told.stderr
    for figure in ("put to first call, p99", "CPU at rest", "start, to the first full plan"):
        assert figure in told.stdout
