"""Runs the cloud for real: its ports, its nodes' sockets, its clock and its files."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from time import time

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from localcloud import control
from localcloud.clock import ScaledClock
from localcloud.cloud import Cloud
from localcloud.compute import server as compute_server
from localcloud.elasticsearch.listeners import Listeners
from localcloud.files import JournalFile, StateFile
from localcloud.fleet import server as fleet_server
from localcloud.fleet.mirror import Mirror
from localcloud.journal import Journal
from localcloud.keyview import KeyView

LOOPBACK = "127.0.0.1"
CLOSE_SECONDS = 1.0  # for requests that are being answered
ETCD_WAIT_SECONDS = 10.0  # at the start, so that units do not fail for an etcd that starts too
LOOK_SECONDS_MAX = 1.0  # between two looks at the models, however little is planned
SAVE_SECONDS = 0.5  # between two saves of the state; a killed process loses no more

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    state_dir: Path
    etcd_url: str
    gce_port: int
    fleet_port: int
    control_port: int
    network: IPv4Network
    speed: float
    seed: int
    fleet_version: str
    es_version: str


class Driver:
    """Moves the models when something is due or somebody asked for something."""

    def __init__(self, cloud: Cloud, listeners: Listeners, file: StateFile, speed: float) -> None:
        self._cloud = cloud
        self._listeners = listeners
        self._file = file
        self._speed = speed
        self._poked = asyncio.Event()

    def poke(self) -> None:
        self._poked.set()

    async def run(self) -> None:
        saved_at = 0.0
        loop = asyncio.get_running_loop()
        while True:
            self._poked.clear()
            self._cloud.tick()
            await self._listeners.follow()
            if loop.time() - saved_at >= SAVE_SECONDS:
                self.save()
                saved_at = loop.time()
            await self._sleep()

    def save(self) -> None:
        self._file.save(self._cloud.dump())

    async def _sleep(self) -> None:
        try:
            async with asyncio.timeout(self._seconds_to_next()):
                await self._poked.wait()
        except TimeoutError:
            return

    def _seconds_to_next(self) -> float:
        due = self._cloud.next_due()
        if due is None:
            return LOOK_SECONDS_MAX
        return min(max(due - self._cloud.now(), 0) / self._speed, LOOK_SECONDS_MAX)


async def serve(settings: Settings, ready: Callable[[str], None]) -> None:
    """Until SIGTERM or SIGINT. `ready` is told once, when all ports answer."""
    stop = _stop_on_signals()
    async with running(settings) as summary:
        ready(summary)
        await stop.wait()


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[str]:
    """The cloud, while the block runs; it is saved when the block ends."""
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        keys = KeyView(settings.etcd_url, session)
        journal = JournalFile(settings.state_dir / "journal.jsonl")
        stack.callback(journal.close)
        file = StateFile(settings.state_dir / "state.json")
        cloud = _cloud(settings, keys, file)
        driver = _driver(stack, cloud, journal, file, settings.speed)
        mirror = Mirror(
            session,
            settings.etcd_url,
            lambda: cloud.fleet.keys(),
            lambda path, value: cloud.fleet.noticed(path, value),
        )
        async with asyncio.TaskGroup() as group:
            background = [group.create_task(keys.run(), name="key view")]
            await keys.wait_until_listed(ETCD_WAIT_SECONDS)
            summary = await _open_ports(stack, settings, cloud, driver, journal)
            background.append(group.create_task(driver.run(), name="driver"))
            background.append(group.create_task(mirror.run(), name="mirror of fleet's keys"))
            try:
                yield summary
            finally:
                for task in background:
                    task.cancel()
        driver.save()


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _cloud(settings: Settings, keys: KeyView, file: StateFile) -> Cloud:
    state = file.load()
    # a clock that ran fast is ahead of the wall clock, and must not fall back to it
    ahead_seconds = max(0.0, state["now"] - time()) if state else 0.0
    clock = ScaledClock(settings.speed, lambda: time() + ahead_seconds)
    cloud = Cloud(
        clock,
        settings.seed,
        settings.network,
        keys,
        settings.fleet_version,
        settings.es_version,
    )
    if state is not None:
        cloud.load(state)
    return cloud


def _driver(
    stack: AsyncExitStack, cloud: Cloud, journal: Journal, file: StateFile, speed: float
) -> Driver:
    listeners = Listeners(cloud.elasticsearch, journal, lambda: driver.poke())
    driver = Driver(cloud, listeners, file, speed)
    stack.push_async_callback(listeners.close)
    return driver


async def _open_ports(
    stack: AsyncExitStack, settings: Settings, cloud: Cloud, driver: Driver, journal: Journal
) -> str:
    apps = {
        "gce": (compute_server.app(cloud.compute, journal), settings.gce_port),
        "fleet": (fleet_server.app(cloud.fleet, journal), settings.fleet_port),
        "control": (control.app(cloud, journal), settings.control_port),
    }
    opened = []
    for name, (application, port) in apps.items():
        application.middlewares.insert(0, _moving(cloud, driver))
        opened.append(f"{name} {await _open(stack, application, port)}")
    return ", ".join(opened)


def _moving(cloud: Cloud, driver: Driver) -> Middleware:
    """Every request sees all systems as of now, and what it planned is done in time."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        cloud.tick()
        try:
            return await handler(request)
        finally:
            driver.poke()

    return middleware


async def _open(stack: AsyncExitStack, application: web.Application, port: int) -> str:
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=CLOSE_SECONDS)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, LOOPBACK, port).start()
    host, bound = runner.addresses[0][:2]
    return f"http://{host}:{bound}"
