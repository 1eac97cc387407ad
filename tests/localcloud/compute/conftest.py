from collections.abc import AsyncIterator

import pytest

from tests.localcloud.compute.api import Api
from tests.localcloud.compute.world import World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def api(world: World) -> AsyncIterator[Api]:
    async with Api(world) as running:
        yield running
