"""Whether somebody leads, as /readyz tells it; and terms that cannot begin."""

import asyncio
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from structlog.testing import capture_logs

from steersman.engine.home.records import Records
from steersman.engine.leader import LEADER_KEY, REST_CAP_SECONDS, WRITE_LOOK_SECONDS
from steersman.engine.leading import Leading, endless
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.ports import Item
from tests.engine.builders import NOW
from tests.engine.town import Daemon, Town
from tests.support.virtual import virtual

LEASE_SECONDS = 15
RETRY_SECONDS = 2
DENIED = OutsideError(ErrorClass.DENIED, "PERMISSION_DENIED", "/status/: permission denied")

KNOWN = [
    pytest.param(Leading(), False, "no daemon is seen to lead", id="before anybody was seen"),
    pytest.param(Leading(seen_at=90), True, "", id="somebody was seen within a lease"),
    pytest.param(
        Leading(seen_at=84, why="denied"),
        False,
        "no daemon is seen to lead: denied",
        id="nobody was seen for longer",
    ),
    pytest.param(
        Leading(seen_at=90, why="denied"), True, "", id="another leads, whatever keeps us from it"
    ),
    pytest.param(Leading(seen_at=99, ours=True), True, "", id="we lead"),
    pytest.param(
        Leading(seen_at=99, ours=True, why="no space"),
        False,
        "this daemon leads and cannot write: no space",
        id="we lead and cannot write",
    ),
]


@pytest.mark.parametrize(("known", "ok", "message"), KNOWN)
def test_how_it_is_told_who_leads(known: Leading, ok: bool, message: str) -> None:
    told = known.check(now=100, lease_seconds=LEASE_SECONDS)

    assert (told["name"], told["ok"], told["message"]) == ("leader", ok, message)


def test_only_a_leader_key_without_a_lease_never_ends() -> None:
    held = Item(LEADER_KEY, b"garbage", 7, 7)
    ending = Item(LEADER_KEY, b"{}", 7, 7, expires_at=NOW + timedelta(seconds=15))

    assert endless(ending) == ""
    assert f"etcdctl del {LEADER_KEY}" in endless(held)


def leader(daemon: Daemon) -> dict[str, Any]:
    return next(each for each in daemon.queries().ready() if each["name"] == "leader")


def told(logs: Any, event: str) -> list[str]:
    return [each["error"] for each in logs if each["event"] == event]


async def denied(_records: Records) -> Any:
    raise DENIED


@virtual
async def test_a_daemon_whose_terms_cannot_begin_tries_less_and_less_and_says_why_once() -> None:
    town = Town()
    daemon = Daemon(town)
    terms: list[float] = []
    with pytest.MonkeyPatch.context() as patch, capture_logs() as logs:
        patch.setattr(Records, "statuses", denied)
        async with daemon.running():
            while town.clock.monotonic() < 1200:
                before = len(town.writes_after(0))
                await asyncio.sleep(0.05)
                written = town.writes_after(0)[before:]
                took = any(each.key == LEADER_KEY and each.entry for each in written)
                terms.extend([town.clock.monotonic()] if took else [])
            assert not leader(daemon)["ok"]
            assert str(DENIED) in leader(daemon)["message"]

            patch.undo()
            await town.until(lambda: daemon.world.leading)
            assert leader(daemon)["ok"]

    rests = [late - early for early, late in pairwise(terms)]
    assert min(rests) >= RETRY_SECONDS
    assert max(rests) <= REST_CAP_SECONDS + 2 * RETRY_SECONDS
    assert sum(rests[:3]) < sum(rests[-3:])
    assert told(logs, "leading failed") == [str(DENIED)]


@virtual
async def test_another_daemon_leads_while_one_rests_whose_terms_cannot_begin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    town = Town()
    one, two = Daemon(town, "one"), Daemon(town, "two")
    monkeypatch.setattr(one.records, "statuses", lambda: denied(one.records))
    async with one.running():
        await asyncio.sleep(60)
        async with two.running():
            await town.until(lambda: two.world.leading, seconds=2 * RETRY_SECONDS)
            await asyncio.sleep(LEASE_SECONDS)
            assert leader(one)["ok"]
            assert leader(two)["ok"]


@virtual
async def test_a_leader_key_without_a_lease_is_told_with_its_cure_and_left_alone() -> None:
    town = Town()
    town.etcd.put(LEADER_KEY, b"garbage")
    daemon = Daemon(town)
    with capture_logs() as logs:
        async with daemon.running():
            await asyncio.sleep(600)
            assert f"etcdctl del {LEADER_KEY}" in leader(daemon)["message"]
            assert [entry.value for entry in town.etcd.under(LEADER_KEY)[1]] == [b"garbage"]

            town.etcd.delete_prefix(LEADER_KEY)
            await town.until(lambda: daemon.world.leading, seconds=RETRY_SECONDS)
            assert leader(daemon)["ok"]
    assert len(told(logs, "nobody can lead")) == 1


@virtual
async def test_a_leader_whose_home_has_no_space_goes_on_and_says_that_it_cannot_write() -> None:
    town = Town()
    daemon = Daemon(town)
    with capture_logs() as logs:
        async with daemon.running():
            await town.until(lambda: daemon.world.leading)
            town.etcd.fill_up()
            await asyncio.sleep(4 * WRITE_LOOK_SECONDS)
            assert daemon.world.leading
            assert "cannot write: quota (RESOURCE_EXHAUSTED)" in leader(daemon)["message"]

            town.etcd.make_room()
            await town.until(lambda: bool(leader(daemon)["ok"]), seconds=WRITE_LOOK_SECONDS + 1)
    assert len(told(logs, "home takes no writes")) == 1


@virtual
async def test_looking_whether_home_takes_writes_writes_nothing() -> None:
    town = Town()
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: daemon.world.leading)
        await asyncio.sleep(WRITE_LOOK_SECONDS / 2)
        before = town.etcd.revision
        await asyncio.sleep(10 * WRITE_LOOK_SECONDS)

        assert town.etcd.revision == before
        assert daemon.world.leading


@virtual
async def test_a_daemon_that_cannot_reach_home_sees_nobody_lead_after_a_lease() -> None:
    town = Town()
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: daemon.world.leading)
        town.etcd.go_down()
        await asyncio.sleep(LEASE_SECONDS - 5)
        assert leader(daemon)["ok"]
        await asyncio.sleep(10)
        assert "no daemon is seen to lead: transient" in leader(daemon)["message"]


@virtual
async def test_who_only_observes_is_ready_without_a_leader() -> None:
    daemon = Daemon(Town(), mode="observe")
    async with daemon.running():
        await asyncio.sleep(60)

        assert [(each["name"], each["ok"]) for each in daemon.queries().ready()] == [
            ("home", True),
            ("compute", True),
        ]
