"""`make bench`: every figure of the README, measured on this machine, as one table."""

import argparse
import asyncio
import signal
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.bench import daemons, pure
from tests.bench.figures import Figure, row
from tests.bench.processes import Town, town
from tests.bench.scale import FULL, QUICK, Scale


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small fleet, to see that it runs")
    quick = parser.parse_args().quick
    scale, pace = (QUICK, daemons.HASTY) if quick else (FULL, daemons.PATIENT)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # whatever was started is ended
    _show([Figure("figure", "value", "bar"), *pure.figures(scale)])
    with (
        tempfile.TemporaryDirectory(prefix="steersman-bench-") as directory,
        town(Path(directory), quick=quick) as place,
    ):
        asyncio.run(_measure(place, scale, pace))


async def _measure(place: Town, scale: Scale, pace: daemons.Pace) -> None:
    async for found in daemons.figures(place, scale, pace):
        _show(found)


def _show(figures: Iterable[Figure]) -> None:
    for each in figures:
        print(row(each), flush=True)  # noqa: T201 - this is what it is for


if __name__ == "__main__":
    main()
