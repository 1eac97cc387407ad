"""A story in virtual time: the whole engine with its kinds over the models, from one seed."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml

from localcloud import faults
from localcloud.cloud import FLEET_VERSION
from localcloud.fault import Arguments
from tests.simulation.journal import Journal
from tests.simulation.stage import Stage

POST = Path(__file__).parents[2] / "manifests" / "post"
DAEMON = "one"
LOOK_SECONDS = 1.0


class Story:
    """One world and one daemon in it, which can be killed and started again."""

    def __init__(self, seed: int, fleet_version: str = FLEET_VERSION) -> None:
        self.journal = Journal()
        self.stage = Stage(seed, (DAEMON,), (self.journal,), fleet_version)
        self.clock, self.cloud = self.stage.clock, self.stage.cloud
        self.home, self.unit = self.stage.home, self.stage.unit

    # the daemon

    def start(self) -> None:
        self.stage.daemons[DAEMON].start()

    async def stop(self) -> None:
        """As SIGTERM."""
        await self.stage.daemons[DAEMON].stop()

    async def kill(self) -> None:
        """As SIGKILL: whatever it was doing is cut off."""
        await self.stage.daemons[DAEMON].kill()

    # what people do

    def put(self, path: str, document: bytes) -> None:
        self.home.put(path, document)

    def apply_post(self) -> None:
        for file in sorted(POST.glob("*.yaml")):
            document = yaml.safe_load(file.read_text())
            name = document["metadata"]["name"]
            self.put(f"/desired/{document['kind']}/{name}", file.read_bytes())

    def fault(self, kind: str, name: str = "", **others: Any) -> None:
        self.cloud.tick()
        faults.inject(self.cloud, kind, Arguments(name=name, **others))

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
async def story(seed: int, fleet_version: str = FLEET_VERSION) -> AsyncIterator[Story]:
    """A story whose cloud turns, with a daemon that runs."""
    told = Story(seed, fleet_version)
    with told.stage.turning():
        told.start()
        yield told
        await told.stop()
