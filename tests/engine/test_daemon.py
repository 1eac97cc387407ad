"""A whole daemon over the toy kind: documents become lamps, and stay so, with no write too many."""

import asyncio
import json
from datetime import timedelta

from steersman.engine.home.events import EVENTS
from steersman.model.errors import ErrorClass, OutsideError, UnreachableError
from steersman.model.resource import Key
from tests.engine.town import Daemon, Town
from tests.support.virtual import virtual

REFUSED = OutsideError(ErrorClass.TRANSIENT, "503", "the socket is hot", applied=False)


@virtual
async def test_a_document_is_carried_out_once_and_then_nothing_is_written() -> None:
    town = Town()
    town.desire("a", color="red")
    async with Daemon(town).running():
        await town.until(lambda: town.ready("a"))
        await asyncio.sleep(60)
        settled, calls = town.etcd.revision, town.hall.calls
        await asyncio.sleep(3600)

        assert town.hall.verbs("a") == ["install"]
        assert town.hall.calls == calls
        assert town.writes_after(settled) == []
        assert town.keys("/steersman/intents/") == []


@virtual
async def test_what_breaks_is_mended_and_told() -> None:
    town = Town()
    town.desire("a")
    async with Daemon(town).running():
        await town.until(lambda: town.ready("a"))
        town.hall.put_out("a")
        await town.until(lambda: town.hall.verbs("a") == ["install", "light"])
        await town.until(lambda: len(town.events("Light")) == 1)

        (event,) = town.events("Light")
        assert (event["reason"], event["effect"], event["outcome"]) == ("LampDark", "repair", "ok")
        assert (event["kind"], event["name"], event["target"]) == ("lamp", "a", "compute:a")


@virtual
async def test_memory_learns_of_each_step_once() -> None:
    town = Town()
    town.desire("a")
    async with Daemon(town).running():
        await town.until(lambda: town.ready("a"))
        town.desire("a", color="red")
        await town.until(lambda: town.hall.verbs("a") == ["install", "swap"])
        await town.until(lambda: town.keys("/steersman/intents/") == [])

        assert town.json("/steersman/memory/lamp/a")["own"] == {"done": ["Install", "Swap"]}


@virtual
async def test_each_version_of_a_document_is_recorded_before_it_is_carried_out() -> None:
    town = Town()
    town.desire("a", color="red")
    async with Daemon(town).running():
        await town.until(lambda: "a" in town.hall.lamps)

        record = town.json("/steersman/accepted/lamp/a")
        assert record["document"] == '{"spec": {"color": "red"}}'
        assert record["store"] == "home"

        town.desire("a", color="blue")
        await town.until(lambda: town.hall.verbs("a") == ["install", "swap"])
        record = town.json("/steersman/accepted/lamp/a")
        assert record["document"] == '{"spec": {"color": "blue"}}'


@virtual
async def test_a_reference_that_is_turned_round_is_in_force_in_the_end() -> None:
    town = Town()
    town.desire("a")
    town.desire("b", chain="a")
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: town.ready("a") and town.ready("b"))
        town.desire("a", chain="b")
        town.desire("b")
        await asyncio.sleep(5)

        assert daemon.world.referrers == {Key("lamp", "b"): (Key("lamp", "a"),)}
        assert daemon.world.rejected == ()


@virtual
async def test_an_invalid_document_changes_nothing() -> None:
    town = Town()
    town.desire("a", color="red")
    async with Daemon(town).running():
        await town.until(lambda: town.ready("a"))
        town.desire("a", colour="blue")
        await town.until(lambda: b'"Accepted","status":"False"' in _status(town, "a"))
        await asyncio.sleep(60)

        assert town.hall.verbs("a") == ["install"]
        assert town.json("/status/lamp/a")["summary"] == {"color": "red"}


@virtual
async def test_documents_that_are_wiped_are_released_and_nothing_is_touched() -> None:
    town = Town()
    town.desire("a")
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: town.ready("a"))
        await asyncio.sleep(60)
        town.etcd.delete_prefix("/desired/")
        settled, calls = town.etcd.revision, town.hall.calls
        await asyncio.sleep(600)

        assert list(daemon.world.released) == [Key("lamp", "a")]
        (told,) = (town.json(event.key)["reason"] for event in town.writes_after(settled))
        assert (told, town.hall.calls) == ("DocumentReleased", calls)


@virtual
async def test_documents_that_come_back_unchanged_cause_no_step() -> None:
    town = Town()
    town.desire("a")
    async with Daemon(town).running():
        await town.until(lambda: town.ready("a"))
        town.etcd.delete_prefix("/desired/")
        await asyncio.sleep(60)
        town.desire("a")
        await asyncio.sleep(60)

        assert town.hall.verbs("a") == ["install"]


@virtual
async def test_a_lamp_waits_for_the_one_that_it_references() -> None:
    town = Town()
    town.hall.refusals["b"] = REFUSED
    town.desire("a", chain="b")
    town.desire("b")
    async with Daemon(town).running():
        await town.until(lambda: town.hall.calls > 2)
        assert town.hall.verbs("a") == []
        (waiting,) = town.json("/status/lamp/a")["waiting"]
        assert (waiting["gate"], waiting["reason"]) == ("dependencies", "DependencyNotReady")

        town.hall.refusals.clear()
        await town.until(lambda: town.ready("a"))
        assert [each.lamp for each in town.hall.writes] == ["b", "a"]


@virtual
async def test_a_guarded_lamp_is_swapped_as_soon_as_its_guard_lets_go() -> None:
    town = Town()
    town.desire("red", color="red", chain="b")
    town.desire("b")
    async with Daemon(town).running():
        await town.until(lambda: town.ready("red"))
        town.desire("b", color="blue")
        await asyncio.sleep(60)
        assert town.hall.verbs("b") == ["install"]

        town.desire("red", color="green", chain="b")
        await town.until(lambda: town.hall.verbs("b") == ["install", "swap"], seconds=30)


@virtual
async def test_a_failing_driver_backs_off_and_does_not_hold_up_others() -> None:
    town = Town()
    town.hall.refusals["bad"] = REFUSED
    for name in ("bad", "good-1", "good-2"):
        town.desire(name)
    async with Daemon(town, workers=1).running():
        await town.until(lambda: town.ready("good-1") and town.ready("good-2"), seconds=15)
        await asyncio.sleep(3600)

        failures = [each for each in town.events("Install") if each["outcome"] == "error"]
        assert len(failures) == town.hall.calls - 2
        assert 30 < len(failures) < 150  # every half minute on average once it is at its cap
        (waiting,) = town.json("/status/lamp/bad")["waiting"]
        assert waiting["gate"] == "backoff"
        assert waiting["until"] is not None


@virtual
async def test_a_refused_step_leaves_no_intent() -> None:
    town = Town()
    town.hall.refusals["a"] = REFUSED
    town.desire("a")
    async with Daemon(town).running():
        await town.until(lambda: town.hall.calls > 0 and town.hall.under_way == 0)
        await asyncio.sleep(0.1)

        assert town.keys("/steersman/intents/") == []
        assert (
            town.json("/steersman/memory/lamp/a")["backoff"]["compute:a create"]["reason"] == "503"
        )


@virtual
async def test_a_failure_of_long_ago_is_forgotten_with_the_next_step() -> None:
    town = Town()
    ages = {"old": timedelta(days=2), "new": timedelta(hours=2)}
    failures = {
        f"compute:{name} create": {
            "failures": 1,
            "until": f"{town.clock.now() - age}",
            "reason": "",
        }
        for name, age in ages.items()
    }
    town.etcd.put("/steersman/memory/lamp/a", json.dumps({"backoff": failures}).encode())
    town.desire("a")
    async with Daemon(town).running():
        await town.until(
            lambda: list(town.json("/steersman/memory/lamp/a")["backoff"]) == ["compute:new create"]
        )


@virtual
async def test_a_call_whose_answer_was_lost_is_repeated_under_its_own_attempt() -> None:
    town = Town()
    town.hall.replies_to_lose = 1
    town.desire("a")
    town.desire("b")
    async with Daemon(town, workers=1).running():
        await town.until(lambda: town.ready("a") and town.ready("b"))

        assert sorted(each.lamp for each in town.hall.writes) == ["a", "b"]
        assert town.events("Install")[0]["outcome"] is None


@virtual
async def test_a_call_that_nobody_answers_keeps_its_attempt_until_it_is_answered() -> None:
    town = Town()
    town.hall.refusals["a"] = UnreachableError("the line is dead")
    town.desire("a")
    async with Daemon(town).running():
        await town.until(lambda: town.hall.calls == 5)
        town.hall.refusals.clear()
        await town.until(lambda: town.ready("a"))

        assert len(set(town.hall.attempts)) == 1


@virtual
async def test_a_call_that_was_refused_gets_a_new_attempt() -> None:
    town = Town()
    town.hall.refusals["a"] = REFUSED
    town.desire("a")
    async with Daemon(town).running():
        await town.until(lambda: town.hall.calls == 5)

        assert len(set(town.hall.attempts)) == 5


@virtual
async def test_events_are_bounded_and_in_order() -> None:
    town = Town()
    town.hall.refusals["a"] = REFUSED
    town.desire("a")
    async with Daemon(town, events_kept=10).running():
        await town.until(lambda: town.hall.calls == 20, seconds=3600)
        await asyncio.sleep(5)

        times = [each["time"] for each in town.events()]
        assert len(times) == 10
        assert times == sorted(times)


@virtual
async def test_events_stay_bounded_over_a_restart() -> None:
    town = Town()
    town.desire("a")
    for number in range(30):
        town.etcd.put(f"{EVENTS}00000000000000-{number:06d}", b'{"action": null}')
    async with Daemon(town, events_kept=10).running():
        await town.until(lambda: town.ready("a"))
        await asyncio.sleep(5)

        assert len(town.keys(EVENTS)) == 10


@virtual
async def test_mode_observe_writes_nothing_at_all() -> None:
    town = Town()
    town.desire("a")
    before = town.etcd.revision
    daemon = Daemon(town, mode="observe")
    async with daemon.running():
        await town.until(lambda: Key("lamp", "a") in daemon.world.statuses)
        await asyncio.sleep(3600)

        assert (town.etcd.revision, town.hall.calls) == (before, 0)
        (step,) = daemon.queries().plan()["steps"]
        blocking = [gate["gate"] for gate in step["gates"] if gate["result"] == "Wait"]
        assert (step["action"], blocking) == ("Install", ["mode", "leader"])


def _status(town: Town, name: str) -> bytes:
    entry = town.etcd.get(f"/status/lamp/{name}")
    return entry.value if entry else b""


@virtual
async def test_a_restart_does_not_forget_how_many_steps_were_executed_within_the_hour() -> None:
    town = Town()
    first = Daemon(town, "first", actions_per_hour=3)
    async with first.running():
        for name in ("a", "b"):
            town.desire(name)
        await town.until(lambda: town.ready("a") and town.ready("b"))
        await asyncio.sleep(5)
    second = Daemon(town, "second", actions_per_hour=3)
    async with second.running():
        await town.until(lambda: second.world.leading)
        for name in ("c", "d"):
            town.desire(name)
        await asyncio.sleep(60)
        assert len(town.hall.lamps) == 3

        await asyncio.sleep(3600)
        assert len(town.hall.lamps) == 4
