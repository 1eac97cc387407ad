"""Random stories keep every invariant; a seed tells the same story each time; a story can fail."""

import subprocess
import sys

import pytest

from tests.simulation.generate import generate
from tests.simulation.mutants import ROOT, mutant, names, planted, violation

COMMAND_SECONDS = 200  # it takes five of them where nothing else runs

pytestmark = pytest.mark.timeout(2.5 * COMMAND_SECONDS)


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_whatever_happens_every_invariant_holds(seed: str) -> None:
    """In a process of its own, as here sets have another order each time."""
    assert f"seed {seed}: ok" in _told("--seed", seed, "--hours", "0.25", "--whole")


def test_a_seed_is_the_same_story_in_another_process() -> None:
    assert _told("--seed", "4", "--hours", "0.1") == _told("--seed", "4", "--hours", "0.1")


def test_a_seed_makes_one_script_and_another_seed_another() -> None:
    assert generate(5, 1.0) == generate(5, 1.0)
    assert generate(5, 1.0) != generate(6, 1.0)


def test_a_planted_bug_is_caught() -> None:
    known = mutant("no-intent")
    with planted(known.name) as product:
        caught = violation(product, known.seed, known.hours)
    assert caught is not None
    assert caught[1] == known.rule


@pytest.mark.parametrize("name", names())
def test_each_planted_bug_names_the_seed_that_catches_it(name: str) -> None:
    assert mutant(name).rule


def _told(*arguments: str) -> str:
    """What the command says, but for the seconds that it took."""
    command = [sys.executable, "-W", "error", "-m", "tests.simulation", *arguments]
    told = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False
    )
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout.rpartition(",")[0]
