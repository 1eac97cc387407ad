"""The daemon: a process around one operator, from its settings to SIGTERM."""

import asyncio
import random as randomness
import signal
import time
from datetime import UTC, datetime

import structlog
from aiohttp import web

from steersman.app import garbage
from steersman.app.assembly import assemble
from steersman.app.outside import connect
from steersman.engine.home.owner import SCHEMA_KEY, check_home
from steersman.model.errors import OutsideError
from steersman.model.ports import Store
from steersman.model.queries import Queries
from steersman.settings import Settings
from steersman.telemetry import logs
from steersman.telemetry.metrics import Metrics
from steersman.telemetry.server import api

log = structlog.get_logger()


# Where there is none that goes on while the machine is suspended, a lease seems to be valid after.
AWAKE_OR_NOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.clock_gettime(AWAKE_OR_NOT)


async def run(settings: Settings) -> None:
    """The daemon, until SIGTERM or SIGINT. ForeignHomeError: the home is somebody else's."""
    logs.configure(settings.log_format, settings.log_level)
    metrics = Metrics()
    clock = SystemClock()
    outside = connect(settings, clock, metrics)
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    try:
        await _refuse_foreign_home(outside.home, settings.owner)
        operator = assemble(
            settings,
            outside,
            clock,
            randomness.SystemRandom(),
            metrics,
            lambda queries: {
                "server": lambda: serve(queries, settings.listen_address),
                "garbage": garbage.tend,
            },
        )
        await operator.controller.run(stop)
    finally:
        await outside.close()


async def _refuse_foreign_home(home: Store, owner: str) -> None:
    """Say so at once, if home answers; if not, the leader looks again before it writes."""
    try:
        check_home(await home.get(SCHEMA_KEY), owner)
    except OutsideError as error:
        log.warning("home does not answer yet", error=str(error))


async def serve(queries: Queries, address: tuple[str, int]) -> None:
    """The daemon's HTTP server, until cancelled. OSError: the address is taken."""
    runner = web.AppRunner(api(queries), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, *address).start()
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
