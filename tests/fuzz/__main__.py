"""Fuzzes for so many seconds: `python -m tests.fuzz --seconds 120`, with other inputs each round.

A round is the tests of this folder with a seed that is told, and there is one at least. The first
failure is the end; the output says how to keep its input in the corpus.
"""

import argparse
import os
import random
import subprocess
import sys
import time
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
    took, code = 0.0, 0
    seed = arguments.seed
    while code == 0 and (took == 0 or time.monotonic() + took <= deadline):
        began = time.monotonic()
        code = _round(random.randrange(SEED_MAX) if seed is None else seed)
        took = time.monotonic() - began
        if seed is not None:
            break
    return code


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument(
        "--seconds", type=float, default=120, help="no round begins that may end later"
    )
    parser.add_argument("--seed", type=int, help="one round, as it was told")
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
