"""Documents that were never accepted: each has a status that says why, for as long as it stands."""

import asyncio
from collections.abc import Mapping
from typing import Any

from tests.engine.town import Daemon, Town
from tests.support.virtual import virtual

BAD = "/status/lamp/bad"


def accepted(town: Town, name: str) -> tuple[str, str] | None:
    """The condition Accepted that stands in home, and its reason."""
    status: Mapping[str, Any] = town.json(f"/status/lamp/{name}") or {"conditions": []}
    found = (each for each in status["conditions"] if each["type"] == "Accepted")
    return next(((each["status"], each["reason"]) for each in found), None)


@virtual
async def test_a_document_that_was_never_accepted_has_a_status_that_says_why() -> None:
    town = Town()
    town.desire("bad", colour="red")
    async with Daemon(town).running():
        await town.until(lambda: accepted(town, "bad") == ("False", "Invalid"))
        status = town.json(BAD)

        (condition,) = status["conditions"]
        assert "did you mean color?" in condition["message"]
        assert status["observedRevision"]["store"] == "home"
        assert town.json("/steersman/accepted/lamp/bad") is None


@virtual
async def test_it_is_told_once_also_by_the_next_leader() -> None:
    town = Town()
    town.desire("bad", colour="red")
    async with Daemon(town, "first").running():
        await town.until(lambda: accepted(town, "bad") is not None)
    revision = town.etcd.revision
    async with Daemon(town, "second").running():
        await town.until(lambda: town.leader() == "second")
        await asyncio.sleep(60)

    assert [each for each in town.writes_after(revision) if each.key == BAD] == []


@virtual
async def test_the_status_follows_the_version_that_is_refused() -> None:
    town = Town()
    town.desire("bad", colour="red")
    async with Daemon(town).running():
        await town.until(lambda: accepted(town, "bad") is not None)
        before = town.json(BAD)["observedRevision"]["sha256"]
        town.desire("bad", colour="blue")

        await town.until(lambda: town.json(BAD)["observedRevision"]["sha256"] != before)


@virtual
async def test_the_status_goes_with_the_document() -> None:
    town = Town()
    town.desire("bad", colour="red")
    async with Daemon(town).running():
        await town.until(lambda: accepted(town, "bad") is not None)
        town.etcd.delete_prefix("/desired/lamp/")

        await town.until(lambda: town.json(BAD) is None)


@virtual
async def test_a_status_that_nobody_took_away_goes_with_the_next_leader() -> None:
    town = Town()
    town.desire("bad", colour="red")
    async with Daemon(town, "first").running():
        await town.until(lambda: accepted(town, "bad") is not None)
    town.etcd.delete_prefix("/desired/lamp/")
    async with Daemon(town, "second").running():
        await town.until(lambda: town.json(BAD) is None)


@virtual
async def test_once_it_is_mended_it_is_a_resource_like_any_other() -> None:
    town = Town()
    town.desire("bad", colour="red")
    async with Daemon(town).running():
        await town.until(lambda: accepted(town, "bad") is not None)
        town.desire("bad", color="red")
        await town.until(lambda: town.ready("bad"))
        town.etcd.delete_prefix("/desired/lamp/")
        await asyncio.sleep(60)

        assert accepted(town, "bad") == ("True", "Valid")
        assert town.json("/steersman/accepted/lamp/bad") is not None
