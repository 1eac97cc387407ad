"""Nodes to ask over HTTP."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.localcloud.elasticsearch.nodes import FIRST, SECOND, Nodes


@pytest.fixture
async def nodes() -> AsyncIterator[Nodes]:
    async with aiohttp.ClientSession() as session:
        nodes = Nodes(session)
        yield nodes
        await nodes.listeners.close()


@pytest.fixture
async def pair(nodes: Nodes) -> Nodes:
    for ip, name in ((FIRST, "elasticsearch-1"), (SECOND, "elasticsearch-2")):
        nodes.start(ip, name)
        await nodes.after(10)
    return nodes
