"""The post with less asked for, in virtual time: what is too much goes, and nothing else does."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import yaml

from tests.simulation.story import POST, Story, story
from tests.support.virtual import run_virtual

LIMIT_SECONDS = 3600.0
DOCUMENTS = {
    f"{document['kind']}/{document['metadata']['name']}": document
    for file in POST.glob("*.yaml")
    for document in [yaml.safe_load(file.read_text())]
}
POOL, UNIT = "nodepool/core", "unit/elasticsearch"


@asynccontextmanager
async def at_rest(seed: int, **pool: Any) -> AsyncIterator[Story]:
    """The post has come up, with these fields of its pool."""
    async with story(seed) as told:
        told.apply_post()
        ask(told, POOL, **pool)
        await told.until_ready(300)
        await asyncio.sleep(60)
        told.journal.take()
        yield told


def ask(told: Story, name: str, **spec: Any) -> None:
    """Edit a document of the post."""
    document = DOCUMENTS[name]
    edited = {**document, "spec": {**document["spec"], **spec}}
    told.put(f"/desired/{name}", json.dumps(edited).encode())


def waiting(told: Story, name: str) -> dict[str, str]:
    """What holds each target, by gate."""
    entry = told.home.get(f"/status/{name}")
    assert entry is not None
    status = json.loads(entry.value)
    return {each["target"]: each["gate"] for each in status["waiting"]}


def nodes(told: Story) -> set[str]:
    return {each.name for each in told.cloud.compute.instances.listed()} - {"discovery"}


def test_an_instance_that_is_no_longer_asked_for_leaves_the_cluster_and_fleet() -> None:
    async def tell() -> list[str]:
        async with at_rest(seed=41) as told:
            ask(told, UNIT, instances=2)
            await told.until(lambda: len(told.registered()) == 2, 120)
            await told.until_ready(300)
            await asyncio.sleep(300)
            assert told.summary("elasticsearch/es-prod")["expected"] == 2
            return told.journal.take()

    writes = run_virtual(tell(), limit_seconds=LIMIT_SECONDS)
    assert writes == [
        "fleet inactive elasticsearch@3.service",
        "fleet delete elasticsearch@3.service",
    ]


def test_a_node_that_is_no_longer_asked_for_goes_and_its_units_move() -> None:
    async def tell() -> list[str]:
        async with at_rest(seed=42, replicas=4) as told:
            ask(told, POOL, replicas=3)
            await told.until(lambda: nodes(told) == {"core1", "core2", "core3"}, 120)
            await told.until_ready(600)
            assert len(told.registered()) == 3
            return told.journal.take()

    assert run_virtual(tell(), limit_seconds=LIMIT_SECONDS) == ["compute delete core4"]


def test_what_takes_much_away_waits_for_a_person() -> None:
    async def tell() -> list[str]:
        async with at_rest(seed=43, replicas=6) as told:
            ask(told, POOL, replicas=3)
            await asyncio.sleep(600)
            held = {f"compute:core{n}": "approval" for n in (4, 5, 6)}
            assert waiting(told, POOL) == held
            assert told.journal.take() == []

            approve(told, POOL)
            await told.until(lambda: nodes(told) == {"core1", "core2", "core3"}, 600)
            await told.until_ready(600)
            return told.journal.take()

    deleted = run_virtual(tell(), limit_seconds=LIMIT_SECONDS)
    assert sorted(deleted) == [f"compute delete core{n}" for n in (4, 5, 6)]


def test_a_node_stays_while_the_cluster_cannot_spare_it() -> None:
    async def tell() -> list[str]:
        async with at_rest(seed=44) as told:
            told.fault("node-hang", "core1")
            await told.until(lambda: UNIT in told.not_ready(), 120)
            ask(told, POOL, replicas=2)
            await asyncio.sleep(600)
            assert waiting(told, POOL)["compute:core3"] == "guards"
            return told.journal.take()

    assert "compute delete core3" not in run_virtual(tell(), limit_seconds=LIMIT_SECONDS)


def test_a_killed_daemon_is_followed_by_one_that_deletes_nothing_twice() -> None:
    async def tell() -> list[str]:
        async with at_rest(seed=45, replicas=4) as told:
            ask(told, POOL, replicas=3)
            for _ in range(4):
                await asyncio.sleep(2)
                await told.kill()
                told.start()
            await told.until(lambda: nodes(told) == {"core1", "core2", "core3"}, 300)
            await told.until_ready(600)
            return told.journal.take()

    assert run_virtual(tell(), limit_seconds=LIMIT_SECONDS) == ["compute delete core4"]


@pytest.mark.parametrize(
    "less",
    [
        pytest.param({"instances": 1}, id="two of three are no longer asked for"),
        pytest.param({"desiredState": "inactive"}, id="all are asked to be inactive"),
    ],
)
def test_what_was_approved_to_stop_stops_one_after_the_other_the_last_first(
    less: dict[str, Any],
) -> None:
    async def tell() -> tuple[list[str], list[int]]:
        async with at_rest(seed=46) as told:
            ask(told, UNIT, **less)
            await told.until(lambda: "approval" in waiting(told, UNIT).values(), 30)
            approve(told, UNIT)
            stopping = []
            while len(running(told)) > less.get("instances", 0):
                await asyncio.sleep(0.1)
                stopping.append(sum(not launched(told, each) for each in running(told)))
            return told.journal.take(), stopping

    writes, stopping = run_virtual(tell(), limit_seconds=LIMIT_SECONDS)
    stops = [f"fleet inactive elasticsearch@{n}.service" for n in (3, 2, 1)]
    assert [each for each in writes if each in stops] == stops[: 3 - less.get("instances", 0)]
    assert max(stopping) == 1


def running(told: Story) -> list[str]:
    """The nodes that run on some machine, whatever fleet was told."""
    names = (f"elasticsearch@{n}.service" for n in (1, 2, 3))
    fleet = told.cloud.fleet
    return [each for each in names if any(at.running for at in fleet.loaded(each).values())]


def launched(told: Story, unit: str) -> bool:
    found = told.cloud.fleet.unit(unit)
    return found is not None and found.desired == "launched"


def approve(told: Story, name: str) -> None:
    """What waits there now, by the digests that the messages tell a person."""
    entry = told.home.get(f"/status/{name}")
    assert entry is not None
    for each in json.loads(entry.value)["waiting"]:
        digest = each["message"].rpartition(" ")[2]
        approval = {"verb": "approve", "ref": name, "digest": digest}
        told.home.put(f"/steersman/requests/{digest}", json.dumps(approval).encode())
