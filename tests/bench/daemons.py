"""The daemon as a process: its starts, its rest, and how soon it does what is asked."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass

from steersman.clients.etcd import open_store
from steersman.model.ports import Store
from steersman.model.resource import DESIRED
from tests.bench import latency
from tests.bench.figures import Figure, milliseconds, percentile
from tests.bench.processes import Daemon, Town, answers, imported_rss_mib, until
from tests.bench.scale import TTL_SECONDS, Scale, unit_document

SEEDING_AT_ONCE = 32
START_SECONDS_MAX = 120.0
QUIET_SECONDS = 3.0  # without a write: then nothing is left to do
BUSY_RESYNC_SECONDS = 5
HELD = "held"  # a unit that nobody approves: while a plan shows it, the plan was made of documents
HELD_DOCUMENT = "metadata: {policy: {approval: ask}}\n" + unit_document(HELD)


@dataclass(frozen=True)
class Pace:
    """How long to look (a resync has to fall into it), and how often to try."""

    rest_seconds: float
    samples: int
    busy_samples: int


PATIENT = Pace(rest_seconds=20, samples=60, busy_samples=30)
HASTY = Pace(rest_seconds=BUSY_RESYNC_SECONDS + 2, samples=2, busy_samples=2)


async def seed(town: Town, scale: Scale) -> None:
    """What is asked for, and the keys that are there already."""
    documents = {**scale.desired, f"{DESIRED}unit/{HELD}": HELD_DOCUMENT}
    await _write(town.home, documents)
    await _write(town.unit_store, scale.keys)
    await _write(town.unit_store, scale.registrations, TTL_SECONDS)


async def _write(url: str, values: Mapping[str, str], ttl_seconds: int | None = None) -> None:
    store, limit = open_store(url), asyncio.Semaphore(SEEDING_AT_ONCE)

    async def put(key: str, value: str) -> None:
        async with limit:
            await store.put(key, value.encode(), ttl_seconds=ttl_seconds)

    try:
        async with asyncio.TaskGroup() as group:
            for key, value in values.items():
                group.create_task(put(key, value), name=key)
    finally:
        await store.close()


async def first_start(town: Town, _scale: Scale, _pace: Pace) -> list[Figure]:
    """Nothing is recorded yet: every document is claimed, and has its status written."""
    with town.daemon() as daemon:
        planned = await _planned(daemon)
        quiet = await _quiet(town, daemon)
    return [
        Figure("first start ever, to the first full plan", f"{planned:.1f} s"),
        Figure("first start ever, to every claim and status written", f"{quiet:.1f} s", "< 15 s"),
    ]


async def at_rest(town: Town, _scale: Scale, pace: Pace) -> list[Figure]:
    with town.daemon() as daemon:
        planned = await _planned(daemon)
        await _quiet(town, daemon)
        beaten, writes = _beats(daemon), await _writes(town)
        cpu = daemon.process.cpu_seconds()
        await asyncio.sleep(pace.rest_seconds)
        load = (daemon.process.cpu_seconds() - cpu) / pace.rest_seconds
        written = await _writes(town) - writes - (_beats(daemon) - beaten)
        rss = daemon.process.rss_mib()
        calls, watched = await latency.samples(town, "rest", pace.samples)
    return [
        Figure("start, to the first full plan", f"{planned:.1f} s", "< 10 s"),
        Figure("resident size at rest", f"{rss:.0f} MiB", "< 150 MiB over what it imports"),
        Figure("CPU at rest", f"{load:.1%} of a core"),
        Figure(f"writes at rest but keep-alives, in {pace.rest_seconds:g} s", f"{written:g}", "0"),
        *_latency("put to first call", calls, "p99 < 500 ms"),
        *_latency("put to a bare watch", watched),
        Figure("ratio of the two, p50", f"{_ratio(calls, watched):.1f}"),
    ]


async def resyncing(town: Town, scale: Scale, pace: Pace) -> list[Figure]:
    """A daemon that passes over everything again and again, and edits in between."""
    with town.daemon(resync_interval_seconds=BUSY_RESYNC_SECONDS) as daemon:
        await _planned(daemon)
        await _quiet(town, daemon)
        calls, _ = await latency.samples(town, "busy", pace.busy_samples)
        resync = await _cost_of_a_resync(daemon, scale, pace)
    return [
        *_latency(f"put to first call, a resync every {BUSY_RESYNC_SECONDS} s", calls, "p99 < 2 s"),
        Figure("CPU of a resync in which nothing is to do", f"{resync:.2f} s", "< 2 s"),
    ]


async def _cost_of_a_resync(daemon: Daemon, scale: Scale, pace: Pace) -> float:
    """CPU seconds for as many passes as there are documents, all else that it does included."""
    passes, cpu = _passes(daemon), daemon.process.cpu_seconds()
    await asyncio.sleep(pace.rest_seconds)
    used = daemon.process.cpu_seconds() - cpu
    return used * scale.documents / (_passes(daemon) - passes)


def _latency(what: str, samples: list[float], bar: str = "") -> list[Figure]:
    return [
        Figure(f"{what}, p50", milliseconds(percentile(samples, 0.5))),
        Figure(f"{what}, p99", milliseconds(percentile(samples, 0.99)), bar),
    ]


def _ratio(calls: list[float], watched: list[float]) -> float:
    return percentile(calls, 0.5) / percentile(watched, 0.5)


async def sizes(_town: Town, _scale: Scale, _pace: Pace) -> list[Figure]:
    """What the libraries alone take."""
    own = imported_rss_mib("steersman.app", "grpc.aio", "aiohttp")
    with_compute = imported_rss_mib(
        "steersman.app", "grpc.aio", "aiohttp", "google.cloud.compute_v1"
    )
    return [
        Figure("resident size of the imports, without google-cloud-compute", f"{own:.0f} MiB"),
        Figure("resident size of the imports, with it", f"{with_compute:.0f} MiB"),
    ]


async def _planned(daemon: Daemon) -> float:
    """Seconds from its start to the first plan that is made of every document."""

    def planned() -> bool:
        if answers(f"{daemon.url}/readyz") is None:  # a plan costs more than the wait for it
            return False
        plan = json.loads(answers(f"{daemon.url}/api/v1/plan") or b"{}")
        return plan.get("complete", False) and any(
            step["name"] == HELD for step in plan.get("steps", ())
        )

    await asyncio.to_thread(until, planned, START_SECONDS_MAX, daemon.process)
    return time.monotonic() - daemon.process.started


async def _quiet(town: Town, daemon: Daemon) -> float:
    """Seconds from its start to its last write."""
    writes, last = await _writes(town), time.monotonic()
    async with asyncio.timeout(START_SECONDS_MAX):
        while time.monotonic() - last < QUIET_SECONDS:
            await asyncio.sleep(0.1)
            daemon.process.check()
            now = await _writes(town)
            if now != writes:
                writes, last = now, time.monotonic()
    return last - daemon.process.started


async def _writes(town: Town) -> int:
    """How many writes etcd, by either API, and fleet have seen so far."""
    homes = (open_store(town.home), open_store(town.unit_store))
    try:
        revisions = [await _revision(store) for store in homes]
    finally:
        for store in homes:
            await store.close()
    return sum(revisions) + len(json.loads(answers(f"{town.cloud_url}/puts") or b"[]"))


async def _revision(store: Store) -> int:
    return (await store.list("/bench/")).revision


def _passes(daemon: Daemon) -> float:
    return _counted(daemon, "steersman_reconcile_total")


def _beats(daemon: Daemon) -> float:
    return _counted(daemon, "steersman_keepalives_total")


def _counted(daemon: Daemon, metric: str) -> float:
    """Over all of its labels."""
    metrics = (answers(f"{daemon.url}/metrics") or b"").decode()
    return sum(
        float(line.rpartition(" ")[2]) for line in metrics.splitlines() if line.startswith(metric)
    )


STAGES = (first_start, at_rest, resyncing, sizes)  # one story after the other
