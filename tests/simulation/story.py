"""A story in virtual time: the whole engine with its kinds over the models, from one seed."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import yaml

from localcloud import faults
from localcloud.cloud import Cloud
from localcloud.etcd.keys import ModelKeys
from localcloud.etcd.model import EtcdModel
from steersman.app import Operator, Outside, assemble
from steersman.settings import Settings
from steersman.telemetry.metrics import Metrics
from tests.simulation.adapters import ModelCompute, ModelElasticsearch, ModelFleet
from tests.simulation.adapters_store import ModelStore
from tests.simulation.journal import Journal
from tests.support.virtual import LoopClock

POST = Path(__file__).parents[2] / "manifests" / "post"
NETWORK = IPv4Network("127.20.0.0/16")
STORE_LATENCY_SECONDS = 0.002
LOOK_SECONDS = 1.0


class EpochClock:
    """localcloud's clock on the same virtual time."""

    def __init__(self, clock: LoopClock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock.now().timestamp()


class Story:
    """One world and one daemon in it, which can be killed and started again."""

    def __init__(self, seed: int) -> None:
        self.clock = LoopClock(asyncio.get_running_loop())
        epoch = EpochClock(self.clock)
        self._random = random.Random(seed)
        self.home, self.unit = EtcdModel(epoch), EtcdModel(epoch)
        self.cloud = Cloud(epoch, seed, NETWORK, ModelKeys(self.unit))
        self.journal = Journal()
        self._epoch = epoch
        self._daemon: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self.operator: Operator | None = None

    # the daemon

    def start(self) -> None:
        self._stop = asyncio.Event()
        self.operator = assemble(
            Settings(owner="simulation", identity="one"),
            self._outside(),
            self.clock,
            random.Random(self._random.getrandbits(32)),
            Metrics(),
        )
        self._daemon = asyncio.create_task(self.operator.controller.run(self._stop), name="daemon")

    async def stop(self) -> None:
        """As SIGTERM."""
        assert self._daemon is not None
        self._stop.set()
        await self._daemon

    async def kill(self) -> None:
        """As SIGKILL: whatever it was doing is cut off."""
        assert self._daemon is not None
        self._daemon.cancel()
        await asyncio.wait({self._daemon})

    # what people do

    def put(self, path: str, document: bytes) -> None:
        self.home.put(path, document)

    def apply_post(self) -> None:
        for file in sorted(POST.glob("*.yaml")):
            document = yaml.safe_load(file.read_text())
            name = document["metadata"]["name"]
            self.put(f"/desired/{document['kind']}/{name}", file.read_bytes())

    def fault(self, kind: str, name: str = "") -> None:
        self.cloud.tick()
        faults.inject(self.cloud, kind, faults.Arguments(name=name))

    # what they see

    def not_ready(self) -> dict[str, str]:
        """Why each resource is not ready, from the statuses that the daemon wrote."""
        _, documents = self.home.under("/desired/")
        return {
            name: message
            for document in documents
            for name in [document.key.removeprefix("/desired/")]
            for message in [self._why_not_ready(name)]
            if message is not None
        }

    def summary(self, name: str) -> Any:
        return self._status(name)["summary"]

    def registered(self) -> list[str]:
        _, entries = self.unit.under("/services/elasticsearch/")
        return sorted(entry.key.rpartition("/")[2] for entry in entries)

    async def until(self, what: Callable[[], bool], seconds: float) -> float:
        """How long it took. TimeoutError says what is not ready yet."""
        started = self.clock.monotonic()
        while not what():
            if self.clock.monotonic() - started > seconds:
                raise TimeoutError(self.not_ready())
            await asyncio.sleep(LOOK_SECONDS)
        return self.clock.monotonic() - started

    async def until_ready(self, seconds: float) -> float:
        return await self.until(lambda: not self.not_ready(), seconds)

    async def until_healed(self, seconds: float) -> float:
        """Until something was not ready, and then everything is."""
        took = await self.until(lambda: bool(self.not_ready()), seconds)
        return took + await self.until_ready(seconds)

    async def turn_cloud(self) -> None:
        """Let every planned moment of the cloud come at its time; until cancelled."""
        while True:
            self.cloud.tick()
            due = self.cloud.next_due()
            wait = LOOK_SECONDS if due is None else due - self._epoch.now()
            await asyncio.sleep(min(max(wait, 0.001), LOOK_SECONDS))

    def _outside(self) -> Outside:
        return Outside(
            home=ModelStore(self.home, self._epoch, latency_seconds=STORE_LATENCY_SECONDS),
            unit=ModelStore(self.unit, self._epoch, latency_seconds=STORE_LATENCY_SECONDS),
            compute=ModelCompute(self.cloud, self.journal),
            fleet=ModelFleet(self.cloud, self.journal),
            elasticsearch=ModelElasticsearch(self.cloud, self.clock.now),
        )

    def _why_not_ready(self, name: str) -> str | None:
        conditions = {each["type"]: each for each in self._status(name).get("conditions", ())}
        ready = conditions.get("Ready")
        if ready is None:
            return "no status"
        return None if ready["status"] == "True" else str(ready["message"])

    def _status(self, name: str) -> Any:
        entry = self.home.get(f"/status/{name}")
        return json.loads(entry.value) if entry else {}


@asynccontextmanager
async def story(seed: int) -> AsyncIterator[Story]:
    """A story whose cloud turns, with a daemon that runs."""
    told = Story(seed)
    turning = asyncio.create_task(told.turn_cloud(), name="cloud")
    told.start()
    try:
        yield told
        await told.stop()
    finally:
        turning.cancel()
        await asyncio.wait({turning})
