"""Queries: what the daemon answers about its World, without changing it."""

import asyncio

import pytest

from steersman.engine.home.events import EVENTS
from steersman.model.document import DocumentError
from steersman.model.errors import ErrorClass, NotThereError, OutsideError
from tests.engine.town import Daemon, Town
from tests.engine.toy import POISON
from tests.support.virtual import virtual

REFUSED = OutsideError(ErrorClass.TRANSIENT, "503", "the socket is hot", applied=False)


@virtual
async def test_resources_are_told_all_by_kind_or_by_name() -> None:
    town = Town()
    town.desire("a", color="red")
    town.desire("b")
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: town.ready("a") and town.ready("b"))
        queries = daemon.queries()

        assert [each["metadata"]["name"] for each in queries.resources()["items"]] == ["a", "b"]
        assert len(queries.resources("LP")["items"]) == 2
        with pytest.raises(NotThereError, match="the kind 'unit' is not there"):
            queries.resources("unit")
        found = queries.resources("lp", "a")
        assert (found["spec"]["color"], found["status"]["summary"]) == ("red", {"color": "red"})


@virtual
async def test_a_resource_that_is_not_there_is_told_as_such() -> None:
    queries = Daemon(Town()).queries()

    with pytest.raises(NotThereError, match="lamp/a is not there"):
        queries.resources("lp", "a")
    with pytest.raises(NotThereError, match="lamp/a is not there"):
        queries.why("lp", "a")


@virtual
async def test_a_resource_that_cannot_be_planned_hides_no_other() -> None:
    town = Town()
    town.desire("a", color="red")
    town.desire("b")
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: town.ready("a") and town.ready("b"))
        await asyncio.sleep(10)
        town.hall.silent = True
        town.desire("a", color=POISON)
        town.desire("b", color="blue")
        await asyncio.sleep(5)
        plan = daemon.queries().plan()

        assert [each["name"] for each in plan["steps"]] == ["b"]
        assert not plan["complete"]
        (failed,) = plan["failed"]
        assert (failed["kind"], failed["name"]) == ("lamp", "a")
        assert "PoisonError" in failed["message"]


@virtual
async def test_bad_and_released_documents_are_in_the_list_of_resources() -> None:
    town = Town()
    town.desire("a")
    town.desire("b", kind="lamps")
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: town.ready("a"))
        town.etcd.delete_prefix("/desired/lamp/")
        await asyncio.sleep(5)
        told = daemon.queries().resources()

        assert told["items"] == []
        (released,) = told["unmanaged"]
        assert (released["name"], released["reason"]) == ("a", "Released")
        (rejected,) = told["rejected"]
        assert rejected["key"] == "/desired/lamps/b"
        assert "did you mean lamp?" in rejected["message"]


@virtual
async def test_a_plan_tells_its_steps_its_gates_and_what_it_rests_on() -> None:
    town = Town()
    town.hall.refusals["a"] = REFUSED
    town.desire("a", color="red")
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: town.hall.calls > 3)
        await asyncio.sleep(0.1)
        plan, why = daemon.queries().plan(), daemon.queries().why("lp", "a")

        (step,) = plan["steps"]
        assert (step["action"], step["target"], step["effect"]) == (
            "Install", "compute:a", "create",
        )  # fmt: skip
        held = [gate for gate in step["gates"] if gate["result"] == "Wait"]
        assert [gate["gate"] for gate in held] == ["backoff"]
        assert held[0]["until"] is not None
        assert why == plan["steps"]
        assert plan["complete"] is True
        assert plan["observedAt"]["compute"].startswith("2014-09-01T12:0")
        assert plan["observedAt"]["fleet"] is None


@virtual
async def test_the_same_plan_has_the_same_id_and_another_plan_another() -> None:
    town = Town()
    daemon = Daemon(town, mode="observe")
    async with daemon.running():
        empty = daemon.queries().plan()["planId"]
        town.desire("a")
        await asyncio.sleep(20)
        first = daemon.queries().plan()["planId"]
        await asyncio.sleep(20)

        assert daemon.queries().plan()["planId"] == first
        assert first != empty


@virtual
async def test_events_are_told_oldest_first() -> None:
    town = Town()
    town.desire("a")
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: town.ready("a"))
        await asyncio.sleep(5)
        told = await daemon.queries().events()

        assert [each["reason"] for each in told][:2] == ["DocumentCreated", "LampMissing"]


@virtual
async def test_events_may_be_asked_for_by_whom_they_are_about_and_how_old() -> None:
    town = Town()
    town.desire("a")
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: town.ready("a"))
        await asyncio.sleep(120)
        town.desire("b")
        await town.until(lambda: town.ready("b"))
        await asyncio.sleep(5)
        queries = daemon.queries()

        assert {each["name"] for each in await queries.events()} >= {"a", "b"}
        assert {each["name"] for each in await queries.events(ref="LP/a")} == {"a"}
        assert {each["name"] for each in await queries.events(since="1m")} == {"b"}
        with pytest.raises(DocumentError, match="no duration"):
            await queries.events(since="soon")
        with pytest.raises(DocumentError, match="unknown kind"):
            await queries.events(ref="pod/a")


@pytest.mark.parametrize("nothing", [b"{", b"[]", b'{"time": "2014-09-01T12:00:00Z"}', b"\xff"])
@virtual
async def test_what_is_no_event_hides_no_event(nothing: bytes) -> None:
    town = Town()
    town.desire("a")
    town.etcd.put(f"{EVENTS}00000000000000-0000000000", nothing)
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: town.ready("a"))
        await asyncio.sleep(5)
        told = await daemon.queries().events()

        assert [each["reason"] for each in told][:2] == ["DocumentCreated", "LampMissing"]


@virtual
async def test_a_daemon_is_alive_while_it_has_nothing_to_do_or_makes_passes() -> None:
    town = Town()
    daemon = Daemon(town)
    queries = daemon.queries()
    async with daemon.running():
        await asyncio.sleep(600)
        assert [each["ok"] for each in queries.alive()] == [True]

        town.desire("a")
        await town.until(lambda: town.ready("a"))
        assert [each["ok"] for each in queries.alive()] == [True]


@virtual
async def test_a_daemon_that_is_busy_after_a_long_rest_is_alive() -> None:
    town = Town()
    town.hall.latency_seconds = 7.0
    daemon = Daemon(town, workers=1)
    async with daemon.running():
        await asyncio.sleep(600)
        for name in ("a", "b", "c"):
            town.desire(name)
        await town.until(lambda: town.hall.under_way == 1)
        await asyncio.sleep(5)

        assert len(daemon.queue) > 0
        assert [each["ok"] for each in daemon.queries().alive()] == [True]


@virtual
async def test_a_daemon_whose_queue_is_not_worked_on_is_not_alive() -> None:
    town = Town()
    town.desire("a")
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: town.ready("a"))
    daemon.keeper.wake_all()
    await asyncio.sleep(600)
    (check,) = daemon.queries().alive()

    assert not check["ok"]
    assert check["message"] == "1 keys wait and no pass was made lately"


@virtual
async def test_metrics_tell_of_passes_actions_and_sources() -> None:
    town = Town()
    town.desire("a")
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: town.ready("a"))
        told = daemon.queries().metrics().decode()

        for line in (
            'steersman_actions_total{action="Install",kind="lamp",result="ok"} 1.0',
            'steersman_source_up{source="home"} 1.0',
            'steersman_source_up{source="compute"} 1.0',
            'steersman_condition{kind="lamp",name="a",status="True",type="Ready"} 1.0',
            'leader_election_master_status{name="steersman"} 1.0',
        ):
            assert line in told.splitlines()
        assert 'steersman_source_up{source="fleet"}' not in told


@virtual
async def test_a_plan_for_documents_that_are_not_applied_changes_nothing() -> None:
    town = Town()
    town.desire("a", color="red")
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: town.ready("a"))
        before = daemon.world
        told = daemon.queries().plan_with(
            [
                {"kind": "lamp", "metadata": {"name": "a"}, "spec": {"color": "blue"}},
                {"kind": "lamp", "metadata": {"name": "b", "dependsOn": ["lp/a"]}, "spec": {}},
                {"kind": "lamp", "metadata": {"name": "c", "dependsOn": ["lp/c"]}, "spec": {}},
            ]
        )

        assert [(each["name"], each["action"]) for each in told["steps"]] == [
            ("a", "Swap"),
            ("b", "Install"),
        ]
        (rejected,) = told["rejected"]
        assert rejected["key"] == "/desired/lamp/c"
        assert daemon.world is before
        assert daemon.queries().plan()["steps"] == []


@virtual
async def test_a_plan_for_a_document_without_a_name_is_refused() -> None:
    queries = Daemon(Town()).queries()

    with pytest.raises(DocumentError):
        queries.plan_with([{"kind": "lamp", "spec": {}}])
    with pytest.raises(DocumentError):
        queries.plan_with([{"kind": "lamp", "metadata": {"name": "a"}, "spec": {}}] * 2)
