"""What is told of documents that go and come back."""

import json
from typing import Any

import pytest

from steersman.engine.home.events import DOCUMENTS_TOLD_MAX
from steersman.model.errors import UnreachableError
from steersman.model.ports import Listing
from tests.engine.builders import A
from tests.engine.town import Daemon, Town
from tests.simulation.adapters_store import ModelStore
from tests.support.virtual import virtual

MANY = 25


def told(town: Town, reason: str) -> list[Any]:
    return [each for each in town.events() if each["reason"] == reason]


@virtual
async def test_who_takes_a_document_away_and_brings_it_back_is_told() -> None:
    town = Town()
    town.desire("a")
    async with Daemon(town).running():
        await town.until(lambda: town.ready("a"))
        town.etcd.delete_prefix("/desired/lamp/a")
        await town.until(lambda: told(town, "DocumentReleased") != [])
        signed = {"metadata": {"annotations": {"steersman/author": "ana@laptop"}}, "spec": {}}
        town.etcd.put("/desired/lamp/a", json.dumps(signed).encode())
        await town.until(lambda: told(town, "DocumentTakenUp") != [])

    (gone,), (back,) = told(town, "DocumentReleased"), told(town, "DocumentTakenUp")
    assert (gone["kind"], gone["name"], gone["actor"]) == ("lamp", "a", "unknown")
    assert gone["message"].startswith("home store, after revision 2, by unknown")
    assert back["actor"] == "ana@laptop"
    assert "by ana@laptop" in back["message"]


@virtual
async def test_a_daemon_that_takes_over_does_not_tell_it_again() -> None:
    town = Town()
    town.desire("a")
    one, two = Daemon(town, "one"), Daemon(town, "two")
    async with one.running():
        await town.until(lambda: town.ready("a"))
        town.etcd.delete_prefix("/desired/lamp/a")
        await town.until(lambda: told(town, "DocumentReleased") != [])
    async with two.running():
        await town.until(lambda: two.world.leading)
        await town.until(lambda: two.world.released != {})
    assert len(told(town, "DocumentReleased")) == 1


@virtual
async def test_of_very_many_only_some_are_named() -> None:
    town = Town()
    for number in range(MANY):
        town.desire(f"lamp-{number}")
    async with Daemon(town).running():
        await town.until(lambda: all(town.ready(f"lamp-{number}") for number in range(MANY)))
        town.etcd.delete_prefix("/desired/")
        await town.until(lambda: len(told(town, "DocumentReleased")) > DOCUMENTS_TOLD_MAX)
    *_, last = told(town, "DocumentReleased")
    assert (last["kind"], last["message"]) == ("document", "5 more documents at once")


@virtual
async def test_a_wiped_home_is_noticed_though_it_was_wiped_while_no_listing_succeeded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def unreachable(_store: ModelStore, _prefix: str) -> Listing:
        raise UnreachableError("nobody answers")

    town = Town()
    town.desire("a")
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: town.ready("a"))
        with monkeypatch.context() as patch:
            patch.setattr(ModelStore, "list", unreachable)
            town.etcd.delete_prefix("/desired/")
            town.etcd.compact(town.etcd.revision)  # the watch is lost
            await town.until(lambda: not daemon.heard.check("home")["ok"])
        await town.until(lambda: A in daemon.world.released, seconds=30)
