"""`make simulate`: plays seeds, and tells a short story of each that fails."""

import argparse
import math
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat

from tests.simulation.generate import generate
from tests.simulation.play import play
from tests.simulation.script import Script
from tests.simulation.shrink import shrink

HASH_SEED = "PYTHONHASHSEED"  # fixed, or sets have another order each time


def main() -> int:
    options = _options()
    seeds = [options.seed] if options.seed is not None else range(1, options.seeds + 1)
    deadline = time.monotonic() + options.minutes * 60
    with ProcessPoolExecutor(options.jobs) as pool:
        codes = pool.map(_tell, seeds, repeat(options), repeat(deadline))
        return max(codes)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="play the seeds 1 to N")
    parser.add_argument("--seed", type=int, help="play this seed only")
    parser.add_argument("--hours", type=float, default=1.0, help="virtual hours of each story")
    parser.add_argument("--whole", action="store_true", help="do not look for a shorter story")
    parser.add_argument("--minutes", type=float, default=math.inf, help="begin no other seed then")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="stories at once")
    return parser.parse_args()


def _tell(seed: int, options: argparse.Namespace, deadline: float) -> int:
    started = time.monotonic()
    if started > deadline:
        return 0
    script = generate(seed, options.hours)
    report = play(script)
    violation, told = report.violation, f"{len(script.happenings)} happenings"
    took = f"{time.monotonic() - started:.1f} s"
    if violation is None:
        _say(f"seed {seed}: ok ({told}, digest {report.digest}, {took})")
        return 0
    story = _story(script if options.whole else shrink(script, violation))
    _say("\n".join([f"seed {seed}: FAILED ({took})", f"  {violation}", *story]))
    return 1


def _story(script: Script) -> Iterator[str]:
    for path, text in script.documents.items():
        yield f"  put {path} {text}"
    for happening in script.happenings:
        yield f"  {happening}"
        if happening.text:
            yield f"    {happening.text}"
    yield f"  finally: {play(script).violation}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if os.environ.get(HASH_SEED) != "0":
        os.execve(sys.executable, sys.orig_argv, {**os.environ, HASH_SEED: "0"})
    sys.exit(main())
