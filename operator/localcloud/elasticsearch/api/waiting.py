"""Requests that wait for something to become true of their node."""

from collections.abc import Awaitable, Callable

from localcloud.elasticsearch.api.asked import Asked
from localcloud.elasticsearch.api.errors import no_master
from localcloud.elasticsearch.model import Elasticsearch
from localcloud.elasticsearch.parts.process import Node

MASTER_TIMEOUTS = ("master_timeout", "cluster_manager_timeout")

# until a condition is true, or so many seconds have passed; tells whether it became true
Until = Callable[[Callable[[], bool], float], Awaitable[bool]]


class GoneError(Exception):
    """The process ended while it was asked."""


class Waiting:
    """For what the node of a process believes; how time passes is the server's business."""

    def __init__(self, model: Elasticsearch, key: str, until: Until) -> None:
        self._model = model
        self._key = key
        self._until = until

    def node(self) -> Node:
        node = self._model.node(self._key)
        if node is None:
            raise GoneError
        return node

    async def for_master(self, asked: Asked, *timeouts: str) -> Node:
        """A request that is not local waits until its node has a master; ApiError when that
        takes too long. `timeouts` are further parameters that bound it."""
        if asked.true("local"):
            return self.node()
        names = (*MASTER_TIMEOUTS, *timeouts)
        if not await self.until(lambda node: node.master is not None, asked.seconds(*names)):
            given = next((asked.query[one] for one in names if one in asked.query), "30s")
            raise no_master(asked.version, given)
        return self.node()

    async def until(self, condition: Callable[[Node], bool], timeout_seconds: float) -> bool:
        return await self._until(lambda: condition(self.node()), timeout_seconds)
