"""Runs the cloud for real: its ports, its nodes' sockets, its clock and its files."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from time import time
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from localcloud import control
from localcloud.clock import ScaledClock
from localcloud.cloud import Cloud
from localcloud.compute import server as compute_server
from localcloud.elasticsearch.listeners import Listeners
from localcloud.files import JournalFile, StateFile, holding
from localcloud.fleet import server as fleet_server
from localcloud.fleet.mirror import Mirror
from localcloud.inventory import inventory
from localcloud.journal import Journal
from localcloud.keeping import Keeper, keeping
from localcloud.keyview import KeyView
from localcloud.seams import Keys

LOOPBACK = "127.0.0.1"
CLOSE_SECONDS = 1.0  # for requests that are being answered
ETCD_WAIT_SECONDS = 10.0  # at the start, so that units do not fail for an etcd that starts too
LOOK_SECONDS_MAX = 1.0  # between two looks at the models, however little is planned
AHEAD_SECONDS_MAX = 100 * 365 * 24 * 3600.0  # of the wall clock, for a clock that ran fast


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

    def __init__(self, cloud: Cloud, listeners: Listeners, speed: float) -> None:
        self._cloud = cloud
        self._listeners = listeners
        self._speed = speed
        self._poked = asyncio.Event()

    def poke(self) -> None:
        self._poked.set()

    async def run(self) -> None:
        while True:
            self._poked.clear()
            self._cloud.tick()
            await self._listeners.follow()
            await self._sleep()

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


@dataclass(frozen=True, slots=True)
class Parts:
    """What the ports need of the cloud that runs."""

    cloud: Cloud
    journal: Journal
    keeper: Keeper
    driver: Driver


async def serve(settings: Settings, ready: Callable[[str], None]) -> None:
    """Until SIGTERM or SIGINT. `ready` is told once, when all ports answer."""
    stop = _stop_on_signals()
    async with running(settings) as summary:
        ready(summary)
        await stop.wait()


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[str]:
    """The cloud, while the block runs; it is saved when the block ends. Raises TakenError."""
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        stack.enter_context(holding(settings.state_dir))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        keys = KeyView(settings.etcd_url, session)
        async with asyncio.TaskGroup() as group:
            background = [group.create_task(keys.run(), name="key view")]
            await keys.wait_until_listed(ETCD_WAIT_SECONDS)
            parts = _parts(stack, settings, keys)
            summary = await _open_ports(stack, settings, parts)
            mirror = _mirror(session, settings.etcd_url, parts.cloud)
            background.append(group.create_task(parts.driver.run(), name="driver"))
            background.append(group.create_task(parts.keeper.run(), name="keeper"))
            background.append(group.create_task(mirror.run(), name="mirror of fleet's keys"))
            try:
                yield summary
            finally:
                for task in background:
                    task.cancel()
        parts.keeper.save()


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _parts(stack: AsyncExitStack, settings: Settings, keys: KeyView) -> Parts:
    journal = JournalFile(settings.state_dir / "journal.jsonl")
    stack.callback(journal.close)
    file = StateFile(settings.state_dir / "state.json")
    cloud = file.load(lambda state: resumed(settings, keys, state)) or _cloud(settings, keys)
    keeper = _keeper(cloud, file, journal)
    listeners = Listeners(cloud.elasticsearch, journal, lambda: driver.poke(), keeper)
    stack.push_async_callback(listeners.close)
    driver = Driver(cloud, listeners, settings.speed)
    return Parts(cloud, journal, keeper, driver)


def resumed(settings: Settings, keys: Keys, state: dict[str, Any]) -> Cloud:
    """Raises whatever an odd state leads to: it is tried as far as to the next save."""
    # a clock that ran fast is ahead of the wall clock, and must not fall back to it
    ahead_seconds = max(0.0, state["now"] - time())
    if ahead_seconds > AHEAD_SECONDS_MAX:
        raise ValueError("its time is too far ahead")
    cloud = _cloud(settings, keys, ahead_seconds)
    cloud.load(state)
    cloud.tick()
    cloud.dump()
    inventory(cloud)
    return cloud


def _cloud(settings: Settings, keys: Keys, ahead_seconds: float = 0.0) -> Cloud:
    return Cloud(
        ScaledClock(settings.speed, lambda: time() + ahead_seconds),
        settings.seed,
        settings.network,
        keys,
        settings.fleet_version,
        settings.es_version,
    )


def _keeper(cloud: Cloud, file: StateFile, journal: JournalFile) -> Keeper:
    def save() -> None:
        """The state first: the journal tells of nothing that is not there."""
        file.save(cloud.dump())
        journal.keep()

    return Keeper(save, file.has_room)


def _mirror(session: aiohttp.ClientSession, etcd_url: str, cloud: Cloud) -> Mirror:
    """`cloud.fleet` is asked anew each time: a new cluster may have taken its place."""
    return Mirror(
        session,
        etcd_url,
        lambda: cloud.fleet.keys(),
        lambda path, value: cloud.fleet.noticed(path, value),
    )


async def _open_ports(stack: AsyncExitStack, settings: Settings, parts: Parts) -> str:
    cloud, journal = parts.cloud, parts.journal
    gce = compute_server.app(cloud.compute, journal)
    fleet = fleet_server.app(cloud.fleet, journal)
    faces = {
        "gce": (gce, compute_server.unkept, settings.gce_port),
        "fleet": (fleet, fleet_server.unkept(cloud.fleet), settings.fleet_port),
        "control": (control.app(cloud, journal), control.unkept, settings.control_port),
    }
    opened = []
    for name, (application, refuse, port) in faces.items():
        application.middlewares.insert(0, _moving(cloud, parts.driver))
        application.middlewares.insert(0, keeping(parts.keeper, refuse))
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
