"""The intake: from when on documents are in force, and how they come to be recorded."""

import asyncio
from collections import Counter
from itertools import product

import pytest
from structlog.testing import capture_logs

from steersman.engine.requests import REQUESTS
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.ports import Listing
from steersman.model.resource import DESIRED
from tests.engine.builders import A
from tests.engine.town import Daemon, Town
from tests.simulation.adapters_store import ModelStore
from tests.support.virtual import virtual

MANY = 300


@virtual
async def test_nothing_is_in_force_before_the_records_were_read() -> None:
    town = Town()
    town.desire("a")
    daemon = Daemon(town, mode="observe")
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(daemon.intake.follow_documents("home"), name="documents"),
            group.create_task(daemon.intake.run(), name="intake"),
        ]
        await asyncio.sleep(5)
        assert daemon.intake.listed
        assert daemon.world.resources == {}

        tasks.append(group.create_task(daemon.intake.follow_records(), name="records"))
        await town.until(lambda: A in daemon.world.resources)
        for task in tasks:
            task.cancel()


@virtual
async def test_many_new_documents_are_claimed_together_and_each_is_told_of() -> None:
    town = Town()
    for number in range(MANY):
        town.desire(f"l{number}")
    async with Daemon(town, events_kept=2 * MANY, actions_per_hour=1).running():
        await town.until(lambda: len(town.keys("/status/lamp/")) == MANY)
        await asyncio.sleep(5)

    claimed = {
        key.removeprefix("/steersman/accepted/lamp/") for key in town.keys("/steersman/accepted/")
    }
    created = [each["name"] for each in town.events() if each["reason"] == "DocumentCreated"]
    assert claimed == {f"l{number}" for number in range(MANY)}
    assert sorted(created) == sorted(claimed)


@virtual
async def test_what_cannot_be_followed_is_logged_once_and_once_when_it_is_followed_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def denied(_store: ModelStore, _prefix: str) -> Listing:
        raise OutsideError(ErrorClass.DENIED, "PERMISSION_DENIED", "not for you")

    with capture_logs() as logs, monkeypatch.context() as patch:
        patch.setattr(ModelStore, "list", denied)
        async with Daemon(Town(), mode="observe").running():
            await asyncio.sleep(60)
            patch.undo()
            await asyncio.sleep(60)

    told = Counter(
        (each["event"], each["prefix"]) for each in logs if each["event"].startswith("following")
    )
    prefixes = (DESIRED, "/status/", "/steersman/", REQUESTS)
    assert told == Counter(product(("following failed", "following again"), prefixes))
