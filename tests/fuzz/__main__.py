"""Fuzzes for so many seconds: `python -m tests.fuzz --seconds 120`, with other inputs each round.

A round is the tests of this folder with a seed that is told, and there is one at least. The first
failure is the end; the output says how to keep its input in the corpus. With `--from 1` the rounds
are the same each time: what decides about a change must not fail for what was there before it.
"""

import argparse
import itertools
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from tests.fuzz.trying import EXAMPLES

FOLDER = Path(__file__).parent
EXAMPLES_A_ROUND = 60  # of each test
ROUND_SECONDS_MAX = 900
WORKERS = 2
SEED_MAX = 2**32


def main() -> int:
    arguments = _arguments()
    deadline = time.monotonic() + arguments.seconds
    took = 0.0
    for seed in _seeds(arguments):
        began = time.monotonic()
        if took and began + took > deadline:
            break
        if code := _round(seed):
            return code
        took = time.monotonic() - began
    return 0


def _seeds(arguments: argparse.Namespace) -> Iterable[int]:
    if arguments.seed is not None:
        return (arguments.seed,)
    if arguments.first is not None:
        return itertools.count(arguments.first)
    return (random.randrange(SEED_MAX) for _ in itertools.count())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument(
        "--seconds", type=float, default=120, help="no round begins that may end later"
    )
    seeds = parser.add_mutually_exclusive_group()
    seeds.add_argument("--seed", type=int, help="one round, as it was told")
    seeds.add_argument("--from", type=int, dest="first", metavar="SEED", help="this seed, the next")
    return parser.parse_args()


def _round(seed: int) -> int:
    print(f"seed {seed}", flush=True)  # noqa: T201
    command = (sys.executable, "-m", "pytest", "-q", str(FOLDER), f"--hypothesis-seed={seed}")
    return subprocess.run(
        (*command, "-n", str(WORKERS), "--dist", "loadfile", "-p", "no:cacheprovider"),
        env={**os.environ, EXAMPLES: str(EXAMPLES_A_ROUND)},
        timeout=ROUND_SECONDS_MAX,
        check=False,
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
