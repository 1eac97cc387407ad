"""A configkey, and a store that remembers what was written."""

from dataclasses import dataclass, field
from typing import Any

from steersman.kinds.configkey import KIND
from steersman.kinds.configkey.observe import sha256
from steersman.kinds.configkey.spec import ConfigKey
from steersman.model.memory import Memory
from steersman.model.plan import Plan
from steersman.model.resource import Resource
from steersman.model.status import Status
from steersman.model.world import World
from tests.kinds import builders
from tests.kinds.builders import NOW

PATH = "/configs/elasticsearch"
VALUE = "cluster.name: es-prod\n"


def config(**spec: Any) -> Resource[ConfigKey]:
    """The document configkey/elasticsearch."""
    return builders.resource(KIND, "elasticsearch", {"value": VALUE, "format": "yaml", **spec})


def plan_in(world: World, config: Resource[ConfigKey]) -> Plan:
    observed = KIND.observe(config, world)
    return KIND.plan(config, observed, KIND.diff(config, observed), Memory(), NOW)


def wrote(**values: str) -> Memory:
    """What is remembered once these values were written, by the last part of their keys."""
    hashes = {f"/configs/{name}": sha256(value) for name, value in values.items()}
    return Memory(own={"hashes": hashes})


def status_in(world: World, config: Resource[ConfigKey]) -> Status:
    observed = KIND.observe(config, world)
    return KIND.status(config, observed, KIND.diff(config, observed), (), NOW)


@dataclass
class FakeStore:
    """Values by key, with the revision of their last change."""

    items: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    revision: int = 40

    async def create(self, key: str, value: bytes) -> int | None:
        return None if key in self.items else self._write(key, value)

    async def compare_and_swap(self, key: str, value: bytes, revision: int) -> int | None:
        _, there = self.items.get(key, (b"", 0))
        return self._write(key, value) if there == revision else None

    async def compare_and_delete(self, key: str, revision: int) -> bool:
        _, there = self.items.get(key, (b"", 0))
        if there == revision:
            del self.items[key]
        return there == revision

    def _write(self, key: str, value: bytes) -> int:
        self.revision += 1
        self.items[key] = (value, self.revision)
        return self.revision
