"""Requests that wait for something to become true of their node."""

import asyncio
from collections.abc import Callable

from localcloud.elasticsearch.asking import MASTER_TIMEOUTS, Asked
from localcloud.elasticsearch.errors import no_master
from localcloud.elasticsearch.model import Elasticsearch
from localcloud.elasticsearch.process import Node

POLL_SECONDS = 0.1


class GoneError(Exception):
    """The process ended while it was asked."""


class Waiting:
    def __init__(self, model: Elasticsearch, key: str) -> None:
        self._model = model
        self._key = key

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
        deadline = asyncio.get_running_loop().time() + timeout_seconds
        while not condition(self.node()):
            if asyncio.get_running_loop().time() >= deadline:
                return False
            await asyncio.sleep(POLL_SECONDS)
        return True
