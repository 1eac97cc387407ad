"""Outages: the loops survive whatever does not answer, and converge when it does again."""

import asyncio

import pytest

from steersman.model.resource import Key
from tests.engine.town import Daemon, Town
from tests.support.virtual import virtual

CALL_SECONDS = 8.1  # a call takes eight at most

OUTAGES = [
    pytest.param(1.0, id="shorter than a renewal"),
    pytest.param(12.0, id="longer than the renew deadline"),
    pytest.param(600.0, id="much longer than a lease"),
]


@pytest.mark.parametrize("seconds", OUTAGES)
@virtual
async def test_what_happens_while_home_is_away_is_made_up_for(seconds: float) -> None:
    town = Town()
    town.desire("a")
    async with Daemon(town).running() as task:
        await town.until(lambda: town.ready("a"))
        town.etcd.go_down()
        town.hall.put_out("a")
        await asyncio.sleep(seconds)
        town.etcd.come_back()
        town.desire("b")
        await town.until(lambda: town.hall.verbs("a") == ["install", "light"])
        await town.until(lambda: town.ready("b"))

        assert not task.done()


@virtual
async def test_an_outage_at_the_start_is_waited_out() -> None:
    town = Town()
    town.desire("a")
    town.etcd.go_down()
    daemon = Daemon(town)
    async with daemon.running():
        await asyncio.sleep(60)
        assert not [
            each for each in daemon.queries().ready() if each["ok"] and each["name"] == "home"
        ]
        town.etcd.come_back()
        await town.until(lambda: town.ready("a"), seconds=30)


@virtual
async def test_writes_whose_answers_are_lost_do_no_harm() -> None:
    town = Town()
    town.desire("a")
    async with Daemon(town).running():
        await town.until(lambda: town.leader() is not None)
        for _ in range(20):
            town.etcd.lose_replies(1)
            await asyncio.sleep(0.3)
        town.etcd.lose_replies(0)
        await town.until(lambda: town.ready("a"))
        await asyncio.sleep(60)

        assert town.hall.verbs("a") == ["install"]
        assert len(town.events("Install")) == 1


@pytest.mark.parametrize(
    ("waits_for_ever", "told"),
    [
        pytest.param(False, "the hall, to install a: no answer", id="in the words of who asked"),
        pytest.param(True, "no answer", id="though its client never gives up"),
    ],
)
@virtual
async def test_a_call_without_an_answer_is_given_up_in_time_and_told(
    waits_for_ever: bool, told: str
) -> None:
    town = Town()
    town.hall.latency_seconds, town.hall.waits_for_ever = 600.0, waits_for_ever
    town.desire("a")
    async with Daemon(town).running():
        await town.until(lambda: town.hall.under_way == 1)
        await town.until(lambda: town.hall.under_way == 0, seconds=CALL_SECONDS)
        await town.until(lambda: bool(town.events("Install")))

        (event,) = town.events("Install")
        assert f"transient (timeout): {told} within" in event["message"]


@virtual
async def test_nothing_is_started_on_an_observation_that_is_too_old() -> None:
    town = Town()
    town.desire("a")
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: town.ready("a"))
        await asyncio.sleep(60)
        town.hall.silent = True
        await asyncio.sleep(60)
        town.desire("a", color="red")
        await asyncio.sleep(60)

        assert town.hall.verbs("a") == ["install"]
        (waiting,) = daemon.world.statuses[Key("lamp", "a")].waiting
        assert (waiting.gate, waiting.reason) == ("fresh", "ObservationStale")


@virtual
async def test_what_waited_for_a_fresh_observation_goes_on_with_it_though_it_shows_no_change() -> (
    None
):
    town = Town()
    town.desire("a")
    async with Daemon(town).running():
        await town.until(lambda: town.ready("a"))
        await asyncio.sleep(60)
        town.hall.silent = True
        await asyncio.sleep(60)
        town.desire("a", color="red")
        await asyncio.sleep(5)
        town.hall.silent = False

        await town.until(lambda: town.hall.verbs("a") == ["install", "swap"], seconds=20)


@virtual
async def test_history_that_was_compacted_away_is_listed_again() -> None:
    town = Town()
    town.desire("a")
    async with Daemon(town).running():
        await town.until(lambda: town.ready("a"))
        town.etcd.go_down()
        await asyncio.sleep(3)
        town.etcd.come_back()
        town.desire("b")
        town.etcd.compact(town.etcd.revision)
        await town.until(lambda: town.ready("b"))
