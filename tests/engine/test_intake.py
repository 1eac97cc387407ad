"""The intake: from when on documents are in force, and how they come to be recorded."""

import asyncio

from tests.engine.builders import A
from tests.engine.town import Daemon, Town
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
