"""Proves that the simulation can fail: plants each bug of mutants/ in a copy of the product, and
plays the seed that its patch names, or, with --search, seeds until one catches it."""

import argparse
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
MUTANTS = Path(__file__).parent / "mutants"
PLAY_SECONDS_MAX = 600
HEADER = re.compile(r"caught by seed (\d+) within (\S+) hours: (.+)")
FAILURE = re.compile(r"Violation\(at=([\d.]+), rule='([^']+)'")


class NotAppliedError(Exception):
    """The product has changed where the bug is to be planted: renew the patch."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """`rule` is the one that catches it at that seed."""

    name: str
    seed: int
    hours: float
    rule: str


def mutant(name: str) -> Mutant:
    """As the head of its patch says."""
    found = HEADER.search((MUTANTS / f"{name}.patch").read_text())
    if found is None:
        return Mutant(name, 0, 0.0, "")
    return Mutant(name, int(found[1]), float(found[2]), found[3])


def names() -> list[str]:
    return sorted(path.stem for path in MUTANTS.glob("*.patch"))


@contextmanager
def planted(name: str) -> Iterator[Path]:
    """A copy of the product with the bug in it: a directory for the path of modules."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as scratch:
        copy = Path(scratch) / "operator"
        shutil.copytree(ROOT / "operator", copy, ignore=shutil.ignore_patterns("__pycache__"))
        patch = (MUTANTS / f"{name}.patch").read_bytes()
        command = ["patch", "--strip=1", "--force", "--silent", "--directory", scratch]
        applied = subprocess.run(command, input=patch, capture_output=True, check=False)
        if applied.returncode != 0:
            message = f"{name}: {applied.stdout.decode()}"
            raise NotAppliedError(message)
        yield copy


def violation(product: Path, seed: int, hours: float) -> tuple[float, str] | None:
    """When, in virtual seconds, and which rule a story of that product breaks."""
    command = [sys.executable, "-m", "tests.simulation", "--whole"]
    played = subprocess.run(
        [*command, "--seed", str(seed), "--hours", str(hours)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(product)},
        capture_output=True,
        text=True,
        timeout=PLAY_SECONDS_MAX,
        check=False,
    )
    found = FAILURE.search(played.stdout)
    if found is None and played.returncode != 0:
        raise RuntimeError(played.stdout + played.stderr)
    return (float(found[1]), found[2]) if found else None


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="MUTANT", help="all, if none is named")
    parser.add_argument("--search", type=int, metavar="N", help="try the seeds 1 to N")
    parser.add_argument("--hours", type=float, default=1.0, help="of each story, with --search")
    parser.add_argument("--minutes", type=float, default=math.inf, help="begin no other one then")
    options = parser.parse_args()
    chosen = options.names or names()
    if options.search:
        found = [_searched(name, options.search, options.hours) for name in chosen]
        return 0 if all(found) else 1
    deadline = time.monotonic() + options.minutes * 60
    return 0 if _prove([mutant(name) for name in chosen], deadline) else 1


def _prove(known: list[Mutant], deadline: float) -> bool:
    """Each is caught by the rule that its patch names, in a story that the product itself
    survives. Stories are played side by side, each in a process of its own."""
    stories = sorted({(each.seed, each.hours) for each in known})
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        caught = list(pool.map(lambda each: _caught(each, deadline), known))
        survived = list(pool.map(lambda story: _survived(story, deadline), stories))
    return all(caught) and all(survived)


def _caught(known: Mutant, deadline: float) -> bool:
    if time.monotonic() > deadline:
        _say(f"{known.name}: no time left")
        return True
    with planted(known.name) as product:
        found = violation(product, known.seed, known.hours)
    _say(_told(known.name, known.seed, known.hours, found))
    return found is not None and found[1] == known.rule


def _survived(story: tuple[int, float], deadline: float) -> bool:
    if time.monotonic() > deadline:
        return True
    seed, hours = story
    found = violation(ROOT / "operator", seed, hours)
    if found:
        _say(f"seed {seed} within {hours:g} hours: the product itself fails: {found[1]}")
    return found is None


def _searched(name: str, seeds: int, hours: float) -> bool:
    with planted(name) as product:
        for seed in range(1, seeds + 1):
            if found := violation(product, seed, hours):
                _say(_told(name, seed, hours, found))
                return True
    _say(_told(name, seeds, hours, None))
    return False


def _told(name: str, seed: int, hours: float, found: tuple[float, str] | None) -> str:
    if found is None:
        return f"{name}: NOT CAUGHT by seed {seed}"
    after = f"(after {found[0]:.0f} virtual seconds)"
    return f"{name}: caught by seed {seed} within {hours:g} hours: {found[1]} {after}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
