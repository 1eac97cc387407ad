"""Teardown as the engine sees it: what is asked away goes through the gates, and is forgotten once
nothing is left of it."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from steersman.engine.decide import Decision, Rules, decide
from steersman.engine.ledger import Ledger
from steersman.model.annotations import PROTECT
from steersman.model.observed import ComputeSnapshot
from steersman.model.plan import Effect
from steersman.model.resource import Resource
from steersman.model.status import Condition, Status
from steersman.model.world import World
from tests.engine.builders import NOW, A, B, instance, lamp, pending, snapshot, world
from tests.engine.town import Daemon, Town
from tests.engine.toy import KINDS, Unscrew
from tests.support.virtual import virtual

LATE_SECONDS = 1.0
DELETED = Status((Condition("Deleted", "True", "AllGone"), Condition("Established", "True", "")))


def going(name: str = "a", **fields: Any) -> Resource[Any]:
    found = lamp(name, **fields)
    return replace(found, metadata=replace(found.metadata, deleting=True))


def deciding(world: World) -> Decision:
    return decide(A, world, Ledger(), Rules(KINDS, 120), NOW)


def condition(decision: Decision, type_: str) -> tuple[str, str]:
    found = decision.status.condition(type_)
    assert found is not None
    return found.status, found.reason


LEFT = [
    pytest.param(snapshot(instance()), {}, ("False", "NotAllGone"), id="what is there is left"),
    pytest.param(
        snapshot(),
        {"pending": {pending().target: pending()}},
        ("False", "NotAllGone"),
        id="so may be what is under way",
    ),
    pytest.param(snapshot(), {}, ("True", "AllGone"), id="nothing is left where nothing is seen"),
    pytest.param(
        snapshot(age_seconds=600), {}, ("Unknown", "NotObserved"), id="unless that was long ago"
    ),
    pytest.param(
        snapshot(age_seconds=600),
        {"statuses": {A: DELETED}},
        ("True", "AllGone"),
        id="what was seen to be gone stays gone",
    ),
    pytest.param(
        snapshot(instance()),
        {"statuses": {A: DELETED}},
        ("False", "NotAllGone"),
        id="until it is seen again",
    ),
]


@pytest.mark.parametrize(("compute", "others", "deleted"), LEFT)
def test_deleted(
    compute: ComputeSnapshot, others: dict[str, Any], deleted: tuple[str, str]
) -> None:
    decision = deciding(world(going(), compute=compute, **others))
    assert condition(decision, "Deleted") == deleted
    assert condition(decision, "Ready") == ("False", "Deleting")
    assert condition(decision, "Established")[0] == "False"


def test_what_is_to_go_is_destroyed_and_not_mended() -> None:
    dark = snapshot(instance(status="TERMINATED"))
    (judged,) = deciding(world(going(color="red"), compute=dark)).steps
    assert (judged.step.action, judged.step.effect) == (Unscrew(), Effect.DESTROY)
    assert judged.held is None


def test_a_protected_resource_is_not_taken_down() -> None:
    protected = going(annotations={PROTECT: "true"})
    (judged,) = deciding(world(protected, compute=snapshot(instance()))).steps
    assert judged.held is not None
    assert judged.held.gate == "protect"


REFERRERS = [
    pytest.param(lamp("b"), {}, "ReferrersLeft", id="one that stays"),
    pytest.param(going("b"), {}, "ReferrersLeft", id="one that is not gone yet"),
    pytest.param(lamp("b"), {B: DELETED}, "ReferrersLeft", id="one that comes back"),
    pytest.param(going("b"), {B: DELETED}, None, id="but not one that is gone"),
]


@pytest.mark.parametrize(("other", "statuses", "reason"), REFERRERS)
def test_it_waits_for_those_that_need_it(
    other: Resource[Any], statuses: dict[Any, Status], reason: str | None
) -> None:
    there = snapshot(instance())
    needed = world(going(), other, compute=there, referrers={A: (B,)}, statuses=statuses)
    (judged,) = deciding(needed).steps
    assert (judged.held.reason if judged.held else None) == reason


def ask_away(town: Town, name: str, **spec: Any) -> None:
    document = {"metadata": {"deleting": True}, "spec": spec}
    town.etcd.put(f"/desired/lamp/{name}", json.dumps(document).encode())


def gone(town: Town, name: str) -> bool:
    status = town.json(f"/status/lamp/{name}") or {"conditions": []}
    return any(
        (each["type"], each["status"]) == ("Deleted", "True") for each in status["conditions"]
    )


def kept(town: Town, name: str) -> list[str]:
    places = ("/steersman/accepted", "/steersman/memory", "/status")
    return [each for each in places if town.json(f"{each}/lamp/{name}") is not None]


@virtual
async def test_those_that_need_it_go_first_and_wake_it() -> None:
    town = Town()
    town.desire("a", chain="b")
    town.desire("b")
    async with Daemon(town).running():
        await town.until(lambda: town.ready("a"))
        ask_away(town, "b")
        await asyncio.sleep(60)
        assert town.hall.verbs("b") == ["install"]

        ask_away(town, "a", chain="b")
        await town.until(lambda: gone(town, "a") and gone(town, "b"), seconds=30)
        assert [each.lamp for each in town.hall.writes if each.verb == "delete"] == ["a", "b"]


@virtual
async def test_a_document_that_is_removed_after_the_end_is_forgotten() -> None:
    town = Town()
    town.desire("a")
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: town.ready("a"))
        ask_away(town, "a")
        await town.until(lambda: gone(town, "a"))
        town.etcd.delete_prefix("/desired/")
        await town.until(lambda: kept(town, "a") == [])

        assert A not in daemon.world.released
        assert A not in daemon.world.statuses
        assert A not in daemon.world.memory


@virtual
async def test_a_document_that_is_removed_before_the_daemon_knows_of_its_end_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever watches home may hear of the end before the answer reaches who wrote it."""
    town = Town()
    town.desire("a")
    daemon = Daemon(town)
    write = daemon.records.status

    async def answered_late(*told: Any) -> None:
        await write(*told)
        await asyncio.sleep(LATE_SECONDS)

    monkeypatch.setattr(daemon.records, "status", answered_late)
    async with daemon.running():
        await town.until(lambda: town.ready("a"))
        ask_away(town, "a")
        await town.until(lambda: gone(town, "a"))
        town.etcd.delete_prefix("/desired/")
        await town.until(lambda: A in daemon.world.released)

        await town.until(lambda: A not in daemon.world.released)
        assert kept(town, "a") == []


@virtual
async def test_a_name_that_was_forgotten_may_be_taken_again() -> None:
    town = Town()
    town.desire("a")
    async with Daemon(town).running():
        await town.until(lambda: town.ready("a"))
        ask_away(town, "a")
        await town.until(lambda: gone(town, "a"))
        town.etcd.delete_prefix("/desired/")
        await town.until(lambda: kept(town, "a") == [])
        town.desire("a")
        await town.until(lambda: town.ready("a"))

        assert town.hall.verbs("a") == ["install", "delete", "install"]


@virtual
async def test_a_teardown_that_is_taken_back_ends_with_the_lamp_lit_again() -> None:
    town = Town()
    town.desire("a")
    async with Daemon(town).running():
        await town.until(lambda: town.ready("a"))
        ask_away(town, "a")
        await town.until(lambda: town.hall.verbs("a") == ["install", "delete"])
        town.desire("a")
        await town.until(lambda: town.hall.verbs("a") == ["install", "delete", "install"])
        await town.until(lambda: town.ready("a"))


@virtual
async def test_what_a_crash_left_of_a_forgotten_resource_is_cleared_away() -> None:
    town = Town()
    town.etcd.put("/status/lamp/a", b'{"conditions": [], "summary": {}}')
    town.desire("b")
    async with Daemon(town).running():
        await town.until(lambda: town.ready("b"))
        assert kept(town, "a") == []
