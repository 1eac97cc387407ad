"""`make bench`: every figure of the README, measured on this machine, as one table."""

import argparse
import asyncio
import signal
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from steersman.model.errors import SteersmanError
from tests.bench import daemons, gce_list, pure
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
    _show(gce_list.figures())
    with (
        tempfile.TemporaryDirectory(prefix="steersman-bench-") as directory,
        town(Path(directory), quick=quick) as place,
    ):
        failed = asyncio.run(_measure(place, scale, pace))
    sys.exit(1 if failed else 0)


async def _measure(place: Town, scale: Scale, pace: daemons.Pace) -> bool:
    """Whether a stage failed: its row says so, and the next one goes on."""
    failed = False
    await daemons.seed(place, scale)
    for stage in daemons.STAGES:
        try:
            _show(await stage(place, scale, pace))
        except (OSError, RuntimeError, SteersmanError) as error:  # TimeoutError is an OSError
            name = stage.__name__.replace("_", " ")
            _show([Figure(name, "failed", str(error) or type(error).__name__)])
            failed = True
    return failed


def _show(figures: Iterable[Figure]) -> None:
    for each in figures:
        print(row(each), flush=True)  # noqa: T201 - this is what it is for


if __name__ == "__main__":
    main()
