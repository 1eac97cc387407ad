"""The clients that the settings ask for."""

import asyncio
import socket
from typing import Any

import pytest
from structlog.testing import capture_logs

from steersman.app.outside import Outside, connect
from steersman.model.errors import UnreachableError
from steersman.settings import Settings
from steersman.telemetry.metrics import Metrics
from tests.clients.fleet.replay import MACHINES
from tests.clients.replay import hangs, serving
from tests.support.virtual import LoopClock

TIMEOUT_SECONDS = 0.2
PATIENCE_SECONDS = 4.0  # less than a store has where nobody says how long


async def test_fleet_has_the_time_that_the_settings_give_it() -> None:
    async with serving({MACHINES: hangs}) as server:
        settings = Settings(owner="tests", fleet=server.url, fleet_timeout_seconds=TIMEOUT_SECONDS)
        outside = connect(settings, LoopClock(asyncio.get_running_loop()), Metrics())
        assert outside.fleet is not None
        with pytest.raises(UnreachableError, match=r"no answer within 0\."):
            await outside.fleet.read()
        await outside.close()


@pytest.mark.parametrize("role", ["home", "unit"])
async def test_a_store_has_the_time_that_the_settings_give_it(role: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # connects, and says nothing
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        settings = Settings(
            owner="tests",
            home_store=f"etcd3://{address}",
            unit_store=f"etcd2://{address}",
            store_timeout_seconds=TIMEOUT_SECONDS,
        )
        outside = connect(settings, LoopClock(asyncio.get_running_loop()), Metrics())
        store = {"home": outside.home, "unit": outside.unit}[role]
        assert store is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            with pytest.raises(UnreachableError):
                await store.get("/a")
        await outside.close()


async def test_what_nobody_configured_is_named_by_its_setting() -> None:
    settings = Settings(owner="tests", fleet="http://127.0.0.1:1")
    outside = connect(settings, LoopClock(asyncio.get_running_loop()), Metrics())
    assert outside.unset == {"compute": "STEERSMAN_GCE_PROJECT"}
    await outside.close()


class Closing:
    """A client, of which nothing is asked but to be closed."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.closed = False
        self._fault = fault

    async def close(self) -> None:
        self.closed = True
        if self._fault is not None:
            raise self._fault


async def test_one_that_cannot_be_closed_leaves_no_other_open() -> None:
    faults = [OSError("home"), OSError("unit"), None, None, None]
    clients: list[Any] = [Closing(each) for each in faults]
    with capture_logs() as logs:
        await Outside(*clients).close()

    assert all(each.closed for each in clients)
    assert [(each["event"], each["exc_info"]) for each in logs] == [
        ("closing failed", fault) for fault in faults if fault
    ]
