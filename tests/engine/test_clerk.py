"""What people ask for, in a running daemon: heeded at once, dated, told of, and taken away."""

import asyncio
import json
from typing import Any

from steersman.engine.requests import REQUESTS
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.requests import Verb
from tests.engine.town import Daemon, Town
from tests.support.virtual import virtual

REFUSED = OutsideError(ErrorClass.INVALID, "400", "no such colour", applied=False)


def ask(town: Town, name: str, **request: Any) -> None:
    """As `etcdctl put` does."""
    town.etcd.put(f"{REQUESTS}{name}", json.dumps(request).encode())


def condition(town: Town, name: str, type_: str) -> tuple[str, str]:
    found = {each["type"]: each for each in town.json(f"/status/lamp/{name}")["conditions"]}
    return found[type_]["status"], found[type_]["reason"]


@virtual
async def test_a_pause_that_was_put_while_no_daemon_ran_holds_from_the_first_step_on() -> None:
    town = Town()
    town.desire("a")
    town.desire("b")
    ask(town, "hands-off", verb="pause", ref="lamp/a", reason="moving", author="ana@laptop")
    async with Daemon(town).running():
        await town.until(lambda: town.ready("b"))
        await asyncio.sleep(60)

        assert set(town.hall.lamps) == {"b"}
        assert condition(town, "a", "Paused") == ("True", "PausedByRequest")
        (waiting,) = town.json("/status/lamp/a")["waiting"]
        assert waiting["gate"] == "paused"
        assert waiting["message"] == "lamp/a is paused by ana@laptop: moving"


@virtual
async def test_what_is_resumed_goes_on_at_once() -> None:
    town = Town()
    town.desire("a")
    ask(town, "hands-off", verb="pause", ref="all")
    async with Daemon(town).running():
        await town.until(lambda: bool(town.json("/status/lamp/a")))
        town.etcd.delete_prefix(REQUESTS)
        await town.until(lambda: town.ready("a"), seconds=10)

        assert condition(town, "a", "Paused") == ("False", "NotPaused")


@virtual
async def test_a_pause_ends_at_its_time_and_is_taken_away() -> None:
    town = Town()
    town.desire("a")
    end = town.clock.now().replace(microsecond=0).isoformat().replace("12:00:", "12:05:")
    ask(town, "break", verb="pause", ref="lamp", until=end)
    daemon = Daemon(town)
    async with daemon.running():
        await asyncio.sleep(290)
        assert town.hall.lamps == {}
        await asyncio.sleep(12)

        assert set(town.hall.lamps) == {"a"}
        assert town.keys(REQUESTS) == []
        assert daemon.world.requests == {}


@virtual
async def test_a_request_is_dated_and_told_of_once_and_then_nothing_is_written() -> None:
    town = Town()
    town.desire("a")
    async with Daemon(town).running():
        await town.until(lambda: town.ready("a"))
        ask(town, "again", verb="retry", ref="lamp/a", reason="fixed", author="ana")
        await asyncio.sleep(30)
        settled = town.etcd.revision
        await asyncio.sleep(1800)

        assert town.writes_after(settled) == []
        assert {"at", "until"} <= town.json(f"{REQUESTS}again").keys()
        (event,) = (each for each in town.events() if each["reason"] == "Requested")
        assert (event["kind"], event["name"]) == ("request", "again")
        assert event["message"] == "retry lamp/a, by ana: fixed"


@virtual
async def test_a_bad_request_is_shown_and_told_of_once_and_changes_nothing() -> None:
    town = Town()
    town.desire("a")
    ask(town, "oops", verb="pause", ref="lmap/a")
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: town.ready("a"))
        await asyncio.sleep(60)

        (rejected,) = daemon.queries().resources()["rejected"]
        assert rejected["key"] == f"{REQUESTS}oops"
        assert "did you mean lamp" in rejected["message"]
        told = [each for each in town.events() if each["reason"] == "RequestRefused"]
        assert [each["name"] for each in told] == ["oops"]


@virtual
async def test_a_retry_clears_the_backoff_once() -> None:
    town = Town()
    town.hall.refusals["a"] = REFUSED
    town.desire("a")
    async with Daemon(town).running():
        await town.until(lambda: town.hall.calls == 1)
        await asyncio.sleep(5)
        ask(town, "again", verb="retry", ref="lamp/a")
        await town.until(lambda: town.hall.calls == 2, seconds=5)
        await asyncio.sleep(15)

        assert town.hall.calls == 2


@virtual
async def test_who_follows_sees_the_requests_and_writes_nothing_of_them() -> None:
    town = Town()
    daemon = Daemon(town, mode="observe")
    async with daemon.running():
        ask(town, "again", verb="retry", ref="lamp/a")
        revision = town.etcd.revision
        await asyncio.sleep(30)

        assert [each.verb for each in daemon.world.requests.values()] == [Verb.RETRY]
        assert town.writes_after(revision) == []


@virtual
async def test_many_bad_requests_do_not_push_out_all_other_events() -> None:
    town = Town()
    town.desire("a")
    for number in range(100):
        ask(town, f"bad-{number}", verb="pause")
    daemon = Daemon(town, events_kept=60)
    async with daemon.running():
        await town.until(lambda: town.ready("a"))
        await asyncio.sleep(60)

        assert len(daemon.world.refused) == 100
        assert any(each["action"] == "Install" for each in town.events())
