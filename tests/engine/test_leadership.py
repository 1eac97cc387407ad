"""Leadership: one daemon at a time starts writes, and stops in time."""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from steersman.engine.home.owner import SCHEMA_KEY, ForeignHomeError
from steersman.engine.home.records import Recorded
from steersman.engine.leader import LEADER_KEY, Leader
from steersman.model.errors import ErrorClass, FencedError, OutsideError
from steersman.model.memory import Memory
from steersman.model.observed import Instance
from steersman.model.resource import Key
from tests.engine.town import OWNER, Daemon, Town
from tests.support.virtual import virtual

LEASE_SECONDS = 15
RENEW_DEADLINE_SECONDS = 10
NO_CURRENT = OutsideError(ErrorClass.TRANSIENT, "503", "no current", applied=False)
A, B = Key("lamp", "a"), Key("lamp", "b")


@virtual
async def test_of_two_daemons_only_one_leads() -> None:
    town = Town()
    for number in range(10):
        town.desire(f"lamp-{number}")
    one, two = Daemon(town, "one"), Daemon(town, "two")
    async with one.running(), two.running():
        await town.until(lambda: len(town.hall.lamps) == 10)
        await asyncio.sleep(60)

        assert [one.world.leading, two.world.leading].count(True) == 1
        assert len(town.hall.writes) == 10
        assert {each["actor"] for each in town.events("Install")} == {town.leader()}


@virtual
async def test_a_follower_shows_the_same_plan_and_says_that_it_does_not_lead() -> None:
    town = Town()
    one, two = Daemon(town, "one"), Daemon(town, "two")
    async with one.running():
        await town.until(lambda: one.world.leading)
        async with two.running():
            town.hall.latency_seconds = 5.0
            town.desire("a")
            await town.until(lambda: town.hall.under_way == 1)
            await town.until(lambda: A in two.world.resources)

            (mine,), (theirs,) = one.queries().plan()["steps"], two.queries().plan()["steps"]
            assert mine["id"] == theirs["id"]
            held = [each["gate"] for each in theirs["gates"] if each["result"] == "Wait"]
            assert held[0] == "leader"


@virtual
async def test_a_follower_that_came_later_plans_as_the_leader_what_was_ready_once() -> None:
    town = Town()
    town.desire("a")
    town.etcd.put("/desired/lamp/b", b"metadata: {dependsOn: [lamp/a]}\nspec: {}")
    one, two = Daemon(town, "one"), Daemon(town, "two")
    async with one.running():
        await town.until(lambda: town.ready("a") and town.ready("b"))
        town.hall.refusals = {"a": NO_CURRENT, "b": NO_CURRENT}
        del town.hall.lamps["b"]
        town.hall.put_out("a")
        await town.until(lambda: one.queries().why("lamp", "b") != [])
        async with two.running():
            await asyncio.sleep(60)
            (mine,), (theirs,) = (each.queries().why("lamp", "b") for each in (one, two))
            held = {
                each["gate"]: each["reason"] for each in theirs["gates"] if each["result"] == "Wait"
            }

            assert mine["action"] == theirs["action"] == "Install"
            assert held.keys() <= {"leader", "backoff"}


@virtual
async def test_a_follower_sees_effects_settle_and_leaves_the_records_to_the_leader() -> None:
    town = Town()
    town.hall.operation_seconds = 40.0  # so that both look at it when it ends
    for number in range(10):
        town.desire(f"lamp-{number}")
    one, two = Daemon(town, "one"), Daemon(town, "two")
    async with one.running(), two.running():
        await town.until(lambda: len(town.hall.lamps) == 10)
        await asyncio.sleep(60)

        assert town.keys("/steersman/intents/") == []
        for daemon in (one, two):
            assert daemon.world.pending == {}
            assert b'result="error"' not in daemon.queries().metrics()


@virtual
async def test_a_follower_reads_a_record_that_changed_and_no_other() -> None:
    town = Town()
    for name in ("a", "b"):
        town.desire(name)
    one, two = Daemon(town, "one"), Daemon(town, "two")
    async with one.running(), two.running():
        await town.until(lambda: {A, B} <= two.world.memory.keys())
        await asyncio.sleep(10)
        before = two.world.memory
        town.hall.put_out("a")
        await town.until(lambda: two.world.memory[A] != before[A])

        assert two.world.memory[B] is before[B]


@virtual
async def test_what_is_seen_while_a_daemon_takes_over_is_told_when_it_leads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    town = Town()
    town.desire("a")
    one, two = Daemon(town, "one"), Daemon(town, "two")
    begin = two.intake.begin

    def seen() -> Mapping[str, Instance]:
        return two.world.compute.instances

    async def begin_later(known: Recorded, statuses: Mapping[Key, bytes]) -> None:
        town.hall.lamps["a"] = replace(town.hall.lamps["a"], status="RUNNING")
        await town.until(lambda: {each.status for each in seen().values()} == {"RUNNING"})
        await asyncio.sleep(1)
        await begin(known, statuses)

    monkeypatch.setattr(two.intake, "begin", begin_later)
    async with one.running() as first:
        await town.until(lambda: town.ready("a"))
        town.hall.refusals["a"] = NO_CURRENT
        town.hall.put_out("a")
        await town.until(lambda: not town.ready("a"))
        async with two.running():
            await town.until(lambda: A in two.world.resources)
            await one.kill(first)
            await town.until(lambda: two.world.leading)
            await town.until(lambda: town.ready("a"))


@virtual
async def test_a_stopped_leader_hands_over_at_once() -> None:
    town = Town()
    one, two = Daemon(town, "one"), Daemon(town, "two")
    async with one.running() as running:
        await town.until(lambda: one.world.leading)
        async with two.running():
            await asyncio.sleep(10)
            one.stop.set()
            await running
            await town.until(lambda: two.world.leading, seconds=3)

            town.desire("a")
            await town.until(lambda: town.ready("a"))


@virtual
async def test_who_is_stopped_while_it_comes_to_lead_leaves_no_lease() -> None:
    for milliseconds in range(0, 100, 2):  # at every await of a campaign, and after it
        town = Town()
        daemon = Daemon(town)
        async with daemon.running() as running:
            await asyncio.sleep(milliseconds / 1000)
            daemon.stop.set()
            await asyncio.wait([running])

        assert town.leader() is None, milliseconds


@virtual
async def test_who_has_resigned_does_not_campaign_again() -> None:
    town = Town()
    daemon = Daemon(town)
    assert daemon.leader is not None
    async with daemon.running():
        await town.until(lambda: daemon.world.leading)
        await daemon.leader.resign()
        await asyncio.sleep(60)

        assert (town.leader(), daemon.world.leading) == (None, False)


@virtual
async def test_a_killed_leader_is_followed_when_its_lease_is_over() -> None:
    town = Town()
    one, two = Daemon(town, "one"), Daemon(town, "two")
    async with two.running():
        await town.until(lambda: two.world.leading)
    async with one.running():
        killed_at = town.clock.monotonic()
        await town.until(lambda: one.world.leading)

        assert 10 < town.clock.monotonic() - killed_at < LEASE_SECONDS + 3


@virtual
async def test_no_call_may_start_or_end_near_the_end_of_a_lease_that_is_not_renewed() -> None:
    town = Town()
    daemon = Daemon(town)
    assert daemon.leader is not None
    async with daemon.running():
        await town.until(lambda: daemon.world.leading)
        town.etcd.go_down()
        down_at = town.clock.monotonic()
        allowed = []
        while (seconds := daemon.leader.allowance()) is not None:
            allowed.append(town.clock.monotonic() + seconds)
            await asyncio.sleep(0.1)

        assert allowed
        assert max(allowed) < down_at + LEASE_SECONDS
        assert town.clock.monotonic() < down_at + LEASE_SECONDS - 3
        await asyncio.sleep(0.1)
        assert not daemon.world.leading


@virtual
async def test_a_lease_counts_from_when_its_renewal_was_sent_however_late_that_is_answered() -> (
    None
):
    town = Town()
    daemon = Daemon(town)
    assert daemon.leader is not None
    async with daemon.running():
        await town.until(lambda: daemon.world.leading)
        daemon.way.extra_seconds = 6.0
        await asyncio.sleep(8.5)  # one renewal was answered, the next has not left
        daemon.way.cuts = 1
        allowed = []
        while (seconds := daemon.leader.allowance()) is not None:
            allowed.append(town.clock.monotonic() + seconds)
            await asyncio.sleep(0.1)
        await town.until(lambda: town.leader() is None)

        assert max(allowed) < town.clock.monotonic()


@virtual
async def test_a_renewal_that_nobody_answers_is_told_with_how_long_it_was_waited_for() -> None:
    town = Town()
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: daemon.world.leading)
        daemon.way.cuts = 1
        with capture_logs() as logs:
            await town.until(lambda: not daemon.world.leading)

    told = [each["error"] for each in logs if each["event"] == "renewing the lease failed"]
    assert told
    assert all(re.fullmatch(r"no answer within \d+\.\d s", each) for each in told)


@virtual
async def test_a_leader_that_could_not_renew_lets_its_lease_run_out() -> None:
    """Its calls under way may arrive as long as the lease lasts: nobody else leads until then."""
    town = Town()
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: daemon.world.leading)
        leader = town.leader()
        daemon.way.cuts = 1
        await asyncio.sleep(RENEW_DEADLINE_SECONDS - 0.5)
        daemon.way.cuts = 0  # too late for the renewal that is under way
        await town.until(lambda: not daemon.world.leading)
        await asyncio.sleep(1)

        assert town.leader() == leader


@virtual
async def test_steps_are_not_started_without_an_allowance_and_are_made_up_for() -> None:
    town = Town()
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: daemon.world.leading)
        town.etcd.go_down()
        await asyncio.sleep(14)
        town.etcd.come_back()
        town.desire("a")
        await asyncio.sleep(0.5)
        assert town.hall.calls == 0

        await town.until(lambda: town.ready("a"))
        assert town.hall.verbs("a") == ["install"]


@virtual
async def test_a_step_without_an_allowance_waits_and_is_not_tried_all_the_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Leader, "allowance", lambda _self: None)
    town = Town()
    town.desire("a")
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: daemon.world.leading)
        await asyncio.sleep(5)
        tried_from = town.etcd.revision
        await asyncio.sleep(600)

        assert town.hall.calls == 0
        assert len(town.writes_after(tried_from)) < 60


@virtual
async def test_writes_of_a_lost_term_are_refused() -> None:
    town = Town()
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: daemon.world.leading)
        town.usurp()

        with pytest.raises(FencedError):
            await daemon.records.memory(A, Memory(own={"done": ["Install"]}))
        assert town.json("/steersman/memory/lamp/a") is None
        await town.until(lambda: not daemon.world.leading, seconds=3)


@virtual
async def test_a_daemon_that_lost_its_lease_starts_no_step() -> None:
    town = Town()
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: daemon.world.leading)
        town.usurp()
        town.desire("a")
        await asyncio.sleep(60)

        assert town.hall.calls == 0


@virtual
async def test_the_last_leader_keeps_keys_alive_until_it_sees_another() -> None:
    town = Town()
    daemon = Daemon(town)
    assert daemon.leader is not None
    async with daemon.running():
        await town.until(lambda: daemon.world.leading)
        town.etcd.go_down()
        await town.until(lambda: not daemon.world.leading)
        town.etcd.come_back()
        await asyncio.sleep(3)
        assert daemon.leader.keeps_beating

        town.usurp()
        await asyncio.sleep(15)
        assert not daemon.leader.keeps_beating


@virtual
async def test_a_term_may_take_longer_to_begin_than_a_lease_lasts() -> None:
    town = Town()
    for number in range(1000):  # recorded one after the other: 10 s in all
        town.desire(f"lamp-{number}")
    daemon = Daemon(
        town, lease_seconds=5, renew_deadline_seconds=3, lease_retry_seconds=1, call_least_seconds=2
    )
    async with daemon.running():
        await town.until(lambda: daemon.world.leading)

        terms = [each for each in town.writes_after(0) if each.key == LEADER_KEY]
        assert len(terms) == 1


HOMES = [
    pytest.param({"version": 1, "owner": "others"}, "owner 'others'", id="another owner's home"),
    pytest.param({"version": 2, "owner": OWNER}, "schema 2", id="a newer release's home"),
    pytest.param({"version": "?"}, "cannot be read", id="a home that cannot be read"),
]


@pytest.mark.parametrize(("record", "message"), HOMES)
@virtual
async def test_a_home_that_is_not_ours_is_refused_and_left_as_it_is(
    record: object, message: str
) -> None:
    town = Town()
    town.desire("a")
    town.etcd.put(SCHEMA_KEY, json.dumps(record).encode())
    daemon = Daemon(town)
    async with daemon.running() as task:
        await asyncio.wait([task])

        with pytest.raises(ExceptionGroup) as failure:
            task.result()
        assert failure.group_contains(ForeignHomeError, match=message)
        assert town.json(SCHEMA_KEY) == record
        assert town.keys("/") == ["/desired/lamp/a", SCHEMA_KEY]
        assert town.hall.calls == 0


@virtual
async def test_a_new_home_is_marked_with_its_owner() -> None:
    town = Town()
    async with Daemon(town).running():
        await town.until(lambda: town.json(SCHEMA_KEY) is not None)

        assert town.json(SCHEMA_KEY) == {"version": 1, "owner": OWNER}


@virtual
async def test_a_lease_that_is_given_back_is_taken_at_once_and_not_at_the_next_try() -> None:
    town = Town()
    one = Daemon(town, "one", lease_retry_seconds=9)
    two = Daemon(town, "two", lease_retry_seconds=9)
    async with one.running() as first:
        await town.until(lambda: one.world.leading)
        async with two.running():
            await asyncio.sleep(20)
            one.stop.set()
            await asyncio.wait([first])
            await town.until(lambda: two.world.leading, seconds=1)
