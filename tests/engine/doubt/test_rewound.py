"""A home that was restored from a backup: nothing is done before a person has looked."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from steersman.engine.doubt.rewinds import Rewinds, looked_at
from steersman.engine.keeper import Keeper
from steersman.model.hold import Rewound
from steersman.model.mirror import Mirror
from steersman.model.ports import Item
from steersman.model.requests import Request, Verb
from steersman.model.shared import Shared
from tests.engine.builders import NOW, after, lamp, world
from tests.engine.town import Daemon, Town
from tests.engine.toy import KINDS
from tests.support.virtual import LoopClock, virtual

NAMES = "abc"
REWOUND = Rewound("home", NOW, 261, 120)


async def white_then_red(town: Town) -> Callable[[], Awaitable[None]]:
    """All lamps come to be red; what is returned restores the backup of when they were white."""
    for name in NAMES:
        town.desire(name)
    await town.until(lambda: all(town.ready(name) for name in NAMES))
    backup = town.etcd.dump()
    for name in NAMES:
        town.desire(name, color="red")
    town.desire("late")
    await town.until(lambda: colors(town) == ["red"] * 3 and town.ready("late"))

    async def restore() -> None:
        town.etcd.go_down()
        await asyncio.sleep(3)
        town.etcd.load(backup)
        town.etcd.come_back()

    return restore


def written_beyond(town: Town, backup: dict[str, Any]) -> None:
    """The backup is restored, and others write to it until it is further than before."""
    furthest = town.etcd.revision
    town.etcd.load(backup)
    while town.etcd.revision <= furthest:
        town.etcd.put("/elsewhere", b"")


def colors(town: Town) -> list[str]:
    return [town.hall.lamps[name].machine_type for name in NAMES]


def acknowledge(town: Town) -> None:
    request = {"verb": "acknowledge", "ref": "home-rewound", "author": "ana"}
    town.etcd.put("/steersman/requests/looked", json.dumps(request).encode())


def told(town: Town) -> list[Any]:
    return [(each["name"], each["reason"]) for each in town.events() if each["kind"] == "hold"]


@virtual
async def test_documents_of_old_are_not_obeyed_before_a_person_has_looked() -> None:
    town = Town()
    daemon = Daemon(town)
    async with daemon.running():
        restore = await white_then_red(town)
        done = len(town.hall.writes)
        await restore()
        town.hall.put_out("a")
        await asyncio.sleep(600)
        assert len(town.hall.writes) == done
        assert "late" in [key.name for key in daemon.world.resources]  # its keep-alives go on
        assert "home-rewound" in str(daemon.queries().resources()["rejected"])
        (step,) = daemon.queries().why("lamp", "a")
        (said,) = (each for each in step["gates"] if each["gate"] == "rewound")
        assert "steersman acknowledge home-rewound" in said["message"]
        assert told(town) == [("home-rewound", "StoreRewound")]

        done = len(town.hall.writes)
        del town.hall.lamps["late"]  # its document is not in the backup
        acknowledge(town)
        await town.until(lambda: colors(town) == ["white"] * 3)
        await town.until(lambda: len(told(town)) == 2)
        assert told(town)[1] == ("home-rewound", "HoldEnded")
        assert town.keys("/steersman/rewinds/") == []
        assert {each.lamp for each in town.hall.writes[done:]} == set(NAMES)


@virtual
async def test_a_daemon_that_takes_over_knows_that_nobody_has_looked() -> None:
    town = Town()
    async with Daemon(town, "one").running():
        restore = await white_then_red(town)
        done = len(town.hall.writes)
        await restore()
        await town.until(lambda: town.keys("/steersman/rewinds/") != [])
    async with Daemon(town, "two").running():
        await asyncio.sleep(600)
        assert len(town.hall.writes) == done


@virtual
async def test_a_follower_holds_back_as_well() -> None:
    town = Town()
    one, two = Daemon(town, "one"), Daemon(town, "two")
    async with two.running():
        async with one.running():
            restore = await white_then_red(town)
            done = len(town.hall.writes)
            await restore()
            await asyncio.sleep(5)
        await asyncio.sleep(600)
        assert len(town.hall.writes) == done


@virtual
async def test_a_backup_that_is_further_by_now_is_noticed_when_the_store_answers_again() -> None:
    town = Town()
    daemon = Daemon(town)
    async with daemon.running():
        await white_then_red(town)
        backup = town.etcd.dump()
        town.desire("a", color="blue")
        await town.until(lambda: town.hall.lamps["a"].machine_type == "blue")
        done = len(town.hall.writes)
        town.etcd.go_down()
        await asyncio.sleep(3)
        town.etcd.come_back()
        written_beyond(town, backup)
        await town.until(lambda: told(town) == [("home-rewound", "StoreRewound")], seconds=20)
        town.desire("b", color="blue")
        await asyncio.sleep(600)

        assert len(town.hall.writes) == done
        assert "went back, /desired/lamp/a from revision" in daemon.world.rewound["home"].message


@virtual
async def test_a_backup_under_a_watch_that_saw_no_break_is_noticed_by_the_next_listing() -> None:
    town = Town()
    daemon = Daemon(town, relist_interval_seconds=100)
    async with daemon.running():
        await white_then_red(town)
        backup = town.etcd.dump()
        town.desire("a", color="blue")
        await town.until(lambda: town.hall.lamps["a"].machine_type == "blue")
        await asyncio.sleep(1)
        written_beyond(town, backup)

        await town.until(lambda: "home" in daemon.world.rewound, seconds=100 * 1.2 + 10)


def listing(revision: int, *items: Item) -> Mirror:
    held = Shared({item.key: item for item in items})
    return Mirror(revision, held, frozenset(held), listed=True)


def batch(revision: int) -> Mirror:
    return Mirror(revision, Shared({}), frozenset())


def item(revision: int, value: bytes = b"one") -> Item:
    return Item("/desired/lamp/a", value, revision, 1)


SEEN = [
    pytest.param(
        [listing(9, item(7)), listing(50, item(8))], [], id="a key that was changed did not go back"
    ),
    pytest.param([listing(9, item(7)), listing(50, item(6))], [(7, 6)], id="a key of before did"),
    pytest.param(
        [listing(9, item(7)), listing(50, item(7, b"two"))],
        [(7, 7)],
        id="a key that was changed otherwise at that revision did",
    ),
    pytest.param(
        [listing(9, item(7)), listing(50)], [], id="a key that is gone may have been deleted"
    ),
    pytest.param([listing(7), batch(9), listing(9)], [], id="what goes on did not go back"),
    pytest.param([listing(7), batch(9), listing(8)], [(9, 8)], id="a listing of before did"),
    pytest.param([listing(9), batch(8)], [], id="a member that lags behind tells nothing"),
    pytest.param([listing(9), listing(2), listing(3)], [(9, 2)], id="it went back once"),
]


@pytest.mark.parametrize(("mirrors", "found"), SEEN)
@virtual
async def test_what_is_noticed(mirrors: list[Mirror], found: list[tuple[int, int]]) -> None:
    keeper = Keeper(world(lamp()), KINDS, lambda *_: None)
    rewinds = Rewinds(keeper, LoopClock(asyncio.get_running_loop()))
    for each in mirrors:
        rewinds.follow("home", "/desired/", each)
    assert [(each.before, each.after) for each in keeper.world.rewound.values()] == found


@pytest.mark.parametrize(
    ("followed", "found"),
    [
        pytest.param(3, [], id="home is where it was"),
        pytest.param(9, [(9, 3)], id="home is not as far as a watch of it was"),
    ],
)
@virtual
async def test_a_term_begins_with_a_look_at_how_far_home_is(
    followed: int, found: list[tuple[int, int]]
) -> None:
    town = Town()
    town.desire("a")
    town.desire("b")
    keeper = Keeper(world(lamp()), KINDS, lambda *_: None)
    rewinds = Rewinds(keeper, town.clock)
    rewinds.follow("home", "/desired/", batch(followed))
    await rewinds.look(town.store())
    assert [(each.before, each.after) for each in keeper.world.rewound.values()] == found


LOOKS = [
    pytest.param(Request("r", Verb.ACKNOWLEDGE, hold="home-rewound", at=after(5)), False, id="now"),
    pytest.param(
        Request("r", Verb.ACKNOWLEDGE, hold="home-rewound", at=after(-5)), True, id="before it"
    ),
    pytest.param(
        Request("r", Verb.ACKNOWLEDGE, hold="unit-rewound", at=after(5)), True, id="other"
    ),
]


@pytest.mark.parametrize(("request_", "held"), LOOKS)
def test_who_has_looked(request_: Request, held: bool) -> None:
    asked = world(lamp(), rewound={"home": REWOUND}, requests={"r": request_})
    assert (REWOUND not in looked_at(asked, after(6))) is held
