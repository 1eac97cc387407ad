"""Documents that are not in force: each has a status that says why, for as long as it stands."""

import asyncio
import json
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


@virtual
async def test_who_names_what_another_has_is_told_so_and_takes_over_when_that_one_is_gone() -> None:
    town = Town()
    town.desire("first", hooks=["/wall/x"])
    async with Daemon(town).running():
        await town.until(lambda: town.ready("first"))
        town.desire("second", hooks=["/wall/x"])
        await town.until(lambda: accepted(town, "second") == ("False", "Claimed"))
        told = town.json("/status/lamp/second")["conditions"][0]["message"]
        assert told.startswith("wall:/wall/x belongs to lamp/first")
        assert town.json("/steersman/accepted/lamp/second") is None

        town.etcd.delete_prefix("/desired/lamp/first")
        await town.until(lambda: town.ready("second"))


@virtual
async def test_of_two_that_an_earlier_release_accepted_the_younger_is_told_and_left_alone() -> None:
    """It was ready once, and whoever waits for it need not wait again."""
    town = Town()
    town.desire("a")
    town.desire("b")
    async with Daemon(town).running():
        await town.until(lambda: town.ready("a") and town.ready("b"))
    for name in ("a", "b"):
        town.desire(name, hooks=["/wall/x"])
        document = json.dumps({"spec": {"hooks": ["/wall/x"]}})
        revision = town.etcd.revision
        record = {"store": "home", "revision": revision, "sha256": "", "document": document}
        town.etcd.put(f"/steersman/accepted/lamp/{name}", json.dumps(record).encode())
    async with Daemon(town, "second").running():
        await town.until(lambda: accepted(town, "b") == ("False", "Claimed"))
        await asyncio.sleep(60)

        kept = [each["type"] for each in town.json("/status/lamp/b")["conditions"]]
        assert kept == ["Accepted", "Established"]
        assert town.ready("a")
        assert town.events("Unscrew") == []
