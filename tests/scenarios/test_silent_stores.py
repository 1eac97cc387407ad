"""etcd hangs: its connections stay, nothing is said on them, and no call fails by itself."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from steersman.settings import Settings
from tests.scenarios.city import City
from tests.scenarios.cloud import POST
from tests.scenarios.processes import Daemon

pytestmark = [pytest.mark.scenario, pytest.mark.timeout(900)]

STORES = {"home", "unit"}
SLACK_SECONDS = 60.0  # of a busy machine
SILENCE_SECONDS = Settings.model_fields["store_silence_seconds"].default
NOTICE_SECONDS = SILENCE_SECONDS + SLACK_SECONDS


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[City]:
    city = City(tmp_path)
    async with city.running():
        yield city


async def test_a_daemon_whose_etcd_hangs_is_not_ready_in_time_and_recovers_with_it(
    city: City,
) -> None:
    async with city.daemon("one") as one:
        await city.apply(POST / "discovery.yaml")
        await city.apply(POST / "core.yaml")
        await city.until(lambda: city.leader() == "one" and one.ready() == (200, set()))
        await asyncio.to_thread(city.freeze_stores)
        try:
            # one of them may be noticed long before the other
            await city.until(lambda: _missed(one) >= STORES, NOTICE_SECONDS)
        finally:
            await asyncio.to_thread(city.thaw_stores)
        await city.until(lambda: city.leader() == "one" and one.ready() == (200, set()))


def _missed(daemon: Daemon) -> set[str]:
    """The sources for whose sake it is not ready."""
    status, missed = daemon.ready()
    return missed if status == 503 else set()
