"""Readiness: whether the sources answer, and each part of them; told where people look, too."""

import asyncio
from typing import Any

import pytest

from steersman.engine.heard import Heard
from steersman.settings import Settings
from tests.engine.town import Daemon, Town
from tests.support.virtual import LoopClock, virtual


def named(checks: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(each for each in checks if each["name"] == name)


@virtual
async def test_a_daemon_is_ready_when_its_sources_answer() -> None:
    town = Town()
    daemon = Daemon(town)
    queries = daemon.queries()
    assert [each["name"] for each in queries.ready()] == ["home", "compute", "leader"]
    assert not any(each["ok"] for each in queries.ready())

    async with daemon.running():
        await asyncio.sleep(5)
        assert all(each["ok"] for each in queries.ready())

        town.hall.silent = True
        await asyncio.sleep(60)
        check = named(queries.ready(), "compute")
        assert (check["ok"], check["message"]) == (
            False,
            "does not answer: transient (unreachable): nobody is in the hall",
        )
        assert check["ageSeconds"] > 30
        assert named(queries.ready(), "home")["ok"]


PARTS = [
    pytest.param([("/a/", True, "", 0), ("/b/", True, "", 0)], "", id="all parts answer"),
    pytest.param(
        [("/a/", True, "", 0), ("/b/", False, "denied", 0), ("/a/", True, "", 0)],
        "/b/ does not answer: denied",
        id="a part that does not answer is not made up for by another",
    ),
    pytest.param(
        [("/b/", False, "denied", 0), ("/b/", True, "", 0)], "", id="a part that answers again"
    ),
    pytest.param(
        [("/a/", False, "denied", 0), ("/b/", False, "denied", 0)],
        "does not answer: denied",
        id="what is true of all parts is said once",
    ),
    pytest.param(
        [("/a/", True, "", 20), ("/b/", True, "", 0)],
        "/a/ has said nothing for 15 s",
        id="a part that hangs while another speaks",
    ),
]


@pytest.mark.parametrize(("said", "message"), PARTS)
@virtual
async def test_a_source_is_as_well_as_the_worst_of_its_parts(
    said: list[tuple[str, bool, str, float]], message: str
) -> None:
    heard = Heard(LoopClock(asyncio.get_running_loop()), {"home": 15})
    for part, up, why, then_seconds in said:
        heard("home", up, part, why)
        await asyncio.sleep(then_seconds)

    assert heard.check("home")["message"] == message


@virtual
async def test_a_home_that_hangs_and_reports_no_error_is_found_out() -> None:
    town = Town()
    daemon = Daemon(town)
    queries = daemon.queries()
    async with daemon.running():
        await town.until(lambda: daemon.world.leading)
        daemon.way.cuts = 1
        await asyncio.sleep(Settings.model_fields["store_silence_seconds"].default + 1)
        check = named(queries.ready(), "home")
        assert (check["ok"], check["message"]) == (False, "has said nothing for 15 s")
        assert 'steersman_source_up{source="home"} 0.0' in queries.metrics().decode()
        assert named(queries.ready(), "compute")["ok"]

        daemon.way.cuts = 0
        await asyncio.sleep(10)
        assert named(queries.ready(), "home")["ok"]


@virtual
async def test_what_is_not_ready_is_noted_beside_the_resources() -> None:
    town = Town()
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: daemon.world.leading)
        await asyncio.sleep(5)
        assert daemon.queries().resources()["notices"] == []

        town.hall.silent = True
        await asyncio.sleep(20)
        (told,) = daemon.queries().resources()["notices"]
        assert (told["kind"], told["name"]) == ("unready", "compute")
        assert told["message"].startswith("compute: does not answer: ")
