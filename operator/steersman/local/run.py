"""Runs a local cloud: etcd, the cloud's APIs and the daemon, until somebody says stop."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

import steersman
from steersman.local import etcd
from steersman.local.children import Child, Supervisor
from steersman.local.commands import printed
from steersman.local.places import LOOPBACK, Marks, Places, write_pids
from steersman.local.progress import Progress, not_ready

OWNER = "local"
PROJECT = "local"
ANSWER_SECONDS = 30.0  # until a child that was started has to answer
POLL_SECONDS = 0.5
REQUEST_SECONDS = 3.0
MANIFESTS = Path(steersman.__file__).parents[2] / "manifests" / "post"


class LocalError(Exception):
    """The local cloud cannot be started; the message says why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asked for. `cloud`: options of `localcloud serve`, by name."""

    state_dir: Path
    manifests: bool
    cloud: Mapping[str, str]


def run(state_dir: Path, *, manifests: bool, cloud: Mapping[str, str]) -> int:
    """The exit code of `steersman local`."""
    wanted = Wanted(state_dir.resolve(), manifests, cloud)
    code = 0
    try:
        asyncio.run(_run(wanted))
    except* (LocalError, OSError) as errors:
        for error in errors.exceptions:
            print(f"steersman local: {error}", file=sys.stderr)  # noqa: T201
        code = 1
    return code


async def _run(wanted: Wanted) -> None:
    wanted.state_dir.mkdir(parents=True, exist_ok=True)
    with Marks() as marks:
        places = Places.of(wanted.state_dir, marks)
        await LocalCloud(places, wanted, Progress()).run()


class LocalCloud:
    """The processes of one local cloud, in the order in which they need each other."""

    def __init__(self, places: Places, wanted: Wanted, progress: Progress) -> None:
        self._places, self._wanted, self._progress = places, wanted, progress
        self._pids: dict[str, int] = {}
        self._supervisors = [
            Supervisor(child, self._started)
            for child in (_etcd(places), _cloud(places, wanted), _daemon(places))
        ]

    async def run(self) -> None:
        """Until SIGINT or SIGTERM, whatever it is doing then."""
        stop = asyncio.Event()
        for each in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(each, stop.set)
        work = asyncio.create_task(self._work(), name="local cloud")
        stopped = asyncio.create_task(stop.wait(), name="stop")
        try:
            await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
        finally:
            self._progress.done()
            work.cancel()
            stopped.cancel()
            await asyncio.wait({work, stopped})
            await self._stop()

    async def _work(self) -> None:
        _link_etcdctl(self._places)
        addresses = (self._places.etcd, self._places.control, self._places.daemon)
        paths = ("/health", "/v1/version", "/healthz")
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
            for supervisor, port, path in zip(self._supervisors, addresses, paths, strict=True):
                await supervisor.start()
                await _answers(session, self._places.url(port) + path, supervisor)
                group.create_task(supervisor.keep(), name="child")
            self._places.write_env()
            self._tell()
            await self._until_ready(session, await self._documents())
            self._progress.done()
            self._progress.line("ready")

    async def _documents(self) -> int:
        """How many there are in home. What people made of those of the post is left as it is."""
        found = await _count(self._places)
        if self._wanted.manifests and not found:
            apply = ("-m", "steersman", "apply", "-f", str(MANIFESTS))
            self._progress.line((await _typed(self._places, sys.executable, *apply)).rstrip())
            found = await _count(self._places)
        return found

    async def _until_ready(self, session: aiohttp.ClientSession, documents: int) -> None:
        url = self._places.url(self._places.daemon) + "/api/v1/resources"
        while True:
            listing = await _get(session, url)
            if listing is not None:
                waiting = not_ready(listing)
                if not waiting and len(listing["items"]) + len(listing["rejected"]) >= documents:
                    return
                self._progress.show(waiting)
            await asyncio.sleep(POLL_SECONDS)

    def _started(self, name: str, pid: int) -> None:
        self._pids[name] = pid
        write_pids(self._places, self._pids)

    def _tell(self) -> None:
        places = self._places
        self._progress.line(
            f"etcd {LOOPBACK}:{places.etcd}  GCE :{places.gce}  fleet :{places.fleet}  "
            f"daemon :{places.daemon}  nodes in {places.network}"
        )
        self._progress.line(f"in another shell: source {_short(places.env_file)}")

    async def _stop(self) -> None:
        for supervisor in reversed(self._supervisors):
            await supervisor.stop()
        self._places.pids_file.unlink(missing_ok=True)


def _etcd(places: Places) -> Child:
    url, peer = places.url(places.etcd), places.url(places.etcd_peer)
    options = {
        "name": "local",
        "data-dir": str(places.state_dir / "etcd"),
        "listen-client-urls": url,
        "advertise-client-urls": url,
        "listen-peer-urls": peer,
        "initial-advertise-peer-urls": peer,
        "initial-cluster": f"local={peer}",
        "enable-v2": "true",
        "experimental-watch-progress-notify-interval": "5s",
        "auto-compaction-mode": "revision",
        "auto-compaction-retention": "10000",
    }
    command = [str(etcd.find("etcd")), *(f"--{name}={value}" for name, value in options.items())]
    return Child("etcd", command, {}, places.log_file("etcd"), stop_seconds=3)


def _cloud(places: Places, wanted: Wanted) -> Child:
    options = {
        "state-dir": str(places.state_dir / "cloud"),
        "gce-port": places.gce,
        "fleet-port": places.fleet,
        "control-port": places.control,
        "etcd-url": places.url(places.etcd),
        "network": places.network,
        **wanted.cloud,
    }
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "localcloud", "serve", *words]
    return Child("localcloud", command, {}, places.log_file("localcloud"), stop_seconds=4)


def _daemon(places: Places) -> Child:
    environment = {
        **places.environment(),
        "STEERSMAN_OWNER": OWNER,
        "STEERSMAN_GCE_PROJECT": PROJECT,
        "STEERSMAN_GCE_ENDPOINT": places.url(places.gce),
        "STEERSMAN_GCE_CREDENTIALS": "anonymous",
        "STEERSMAN_LISTEN": f"{LOOPBACK}:{places.daemon}",
        "STEERSMAN_STOP_GRACE_SECONDS": "4",
    }
    command = [sys.executable, "-m", "steersman", "run"]
    return Child("daemon", command, environment, places.log_file("daemon"), stop_seconds=6)


async def _answers(session: aiohttp.ClientSession, url: str, child: Supervisor) -> None:
    """Until a GET is answered, whatever the answer. LocalError: not in time, or never."""
    deadline = asyncio.get_running_loop().time() + ANSWER_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        if child.ended:
            msg = f"{child.name} ended at once: {child.last_words()}"
            raise LocalError(msg)
        if await _get(session, url) is not None:
            return
        await asyncio.sleep(POLL_SECONDS)
    msg = f"{child.name} does not answer after {ANSWER_SECONDS:.0f} s: {child.last_words()}"
    raise LocalError(msg)


async def _get(session: aiohttp.ClientSession, url: str) -> Any | None:
    """The JSON of an answer; None: there was none."""
    try:
        async with asyncio.timeout(REQUEST_SECONDS), session.get(url) as response:
            return await response.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, json.JSONDecodeError):
        return None


async def _count(places: Places) -> int:
    etcdctl = str(etcd.find("etcdctl"))
    keys = await _typed(places, etcdctl, "get", "--prefix", "/desired/", "--keys-only")
    return len(keys.split())


async def _typed(places: Places, *command: str) -> str:
    return await printed(command, {**places.environment(), "ETCDCTL_API": "3"})


def _link_etcdctl(places: Places) -> None:
    folder = places.state_dir / "bin"
    folder.mkdir(exist_ok=True)
    link = folder / "etcdctl"
    link.unlink(missing_ok=True)
    link.symlink_to(etcd.find("etcdctl"))


def _short(path: Path) -> str:
    return os.path.relpath(path)
