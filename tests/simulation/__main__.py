"""`make simulate`: plays seeds, and tells the shortest story of the first that fails."""

import argparse
import os
import sys
import time

from tests.simulation.generate import generate
from tests.simulation.play import play
from tests.simulation.script import Script
from tests.simulation.shrink import shrink

HASH_SEED = "PYTHONHASHSEED"  # fixed, or sets have another order each time


def main() -> int:
    options = _options()
    seeds = [options.seed] if options.seed is not None else range(1, options.seeds + 1)
    return max(_tell(seed, options) for seed in seeds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="play the seeds 1 to N")
    parser.add_argument("--seed", type=int, help="play this seed only")
    parser.add_argument("--hours", type=float, default=1.0, help="virtual hours of each story")
    parser.add_argument("--whole", action="store_true", help="do not look for a shorter story")
    return parser.parse_args()


def _tell(seed: int, options: argparse.Namespace) -> int:
    script = generate(seed, options.hours)
    started = time.monotonic()
    report = play(script)
    violation, told = report.violation, f"{len(script.happenings)} happenings"
    took = f"{time.monotonic() - started:.1f} s"
    if violation is None:
        _say(f"seed {seed}: ok ({told}, digest {report.digest}, {took})")
        return 0
    _say(f"seed {seed}: FAILED ({took})\n  {violation}")
    _print_story(script if options.whole else shrink(script, violation))
    return 1


def _print_story(script: Script) -> None:
    for path, text in script.documents.items():
        _say(f"  put {path} {text}")
    for happening in script.happenings:
        _say(f"  {happening}")
    _say(f"  finally: {play(script).violation}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if os.environ.get(HASH_SEED) != "0":
        os.execve(sys.executable, sys.orig_argv, {**os.environ, HASH_SEED: "0"})
    sys.exit(main())
