"""From a put to the first call: how soon after a document is written its first call arrives."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from steersman.clients.etcd import open_store
from steersman.model.errors import WatchLostError
from steersman.model.ports import Store
from steersman.model.resource import DESIRED
from tests.bench.processes import Town, answers
from tests.bench.scale import unit_document

SAMPLE_SECONDS_MAX = 30.0
POLL_SECONDS = 0.02
PAUSE_SECONDS = 1.0  # between two samples: what follows the first call is seen and settled by then


class Watch:
    """A bare watch of the documents: when each was first seen by somebody who does nothing else."""

    def __init__(self) -> None:
        self._seen: dict[str, asyncio.Future[float]] = {}

    def seen(self, key: str) -> asyncio.Future[float]:
        """When, on the monotonic clock; done once it was."""
        return self._seen.setdefault(key, asyncio.get_running_loop().create_future())

    async def follow(self, store: Store, after: int) -> None:
        try:
            async for batch in store.watch(DESIRED, after):
                for change in batch.changes:
                    if not self.seen(change.key).done():
                        self.seen(change.key).set_result(time.monotonic())
        except WatchLostError as error:
            raise RuntimeError("the bare watch was lost") from error


async def samples(town: Town, stem: str, count: int) -> tuple[list[float], list[float]]:
    """Seconds from a put to its first call, and to the bare watch, of the same puts."""
    store = open_store(town.home)
    try:
        async with _watching(store) as watch:
            calls, watched = [], []
            for number in range(count):
                call, seen = await _sample(town, store, watch, f"{stem}-{number:05d}")
                calls.append(call)
                watched.append(seen)
                await asyncio.sleep(PAUSE_SECONDS)
    finally:
        await store.close()
    return calls, watched


@asynccontextmanager
async def _watching(store: Store) -> AsyncIterator[Watch]:
    watch = Watch()
    after = (await store.list(DESIRED)).revision
    task = asyncio.create_task(watch.follow(store, after), name="bare watch")
    try:
        yield watch
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _sample(town: Town, store: Store, watch: Watch, name: str) -> tuple[float, float]:
    key, started = f"{DESIRED}unit/{name}", time.monotonic()
    await store.put(key, unit_document(name).encode())
    async with asyncio.timeout(SAMPLE_SECONDS_MAX):
        seen = await watch.seen(key)
        called = await asyncio.to_thread(_first_call, town, f"{name}.service")
    return called - started, seen - started


def _first_call(town: Town, unit: str) -> float:
    """When the cloud got it; TimeoutError if it does not."""
    deadline = time.monotonic() + SAMPLE_SECONDS_MAX
    while time.monotonic() < deadline:
        puts: Sequence[tuple[float, str]] = json.loads(answers(f"{town.cloud_url}/puts") or b"[]")
        if at := next((at for at, name in puts if name == unit), None):
            return at
        time.sleep(POLL_SECONDS)
    msg = f"{unit} was not put within {SAMPLE_SECONDS_MAX:g} s"
    raise TimeoutError(msg)
