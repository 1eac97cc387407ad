"""The post's story told backwards: what is asked away goes, in order, and nothing else does."""

import asyncio
import json
from typing import Any

import yaml

from tests.simulation.story import POST, Story, story
from tests.support.virtual import run_virtual

LIMIT_SECONDS = 6 * 3600.0
DOCUMENTS = {
    f"{document['kind']}/{document['metadata']['name']}": document
    for file in POST.glob("*.yaml")
    for document in [yaml.safe_load(file.read_text())]
}
STOP_AND_DESTROY = ("inactive", "delete")


def test_everything_that_is_asked_away_goes_those_first_that_nobody_needs() -> None:
    async def tell() -> list[str]:
        async with story(seed=11) as told:
            await _up(told)
            _take_down(told, *DOCUMENTS)
            await told.until(lambda: _deleted(told) == set(DOCUMENTS), 600)
            assert told.registered() == []
            assert told.unit.get("/configs/elasticsearch") is None
            return told.journal.take()

    writes = run_virtual(tell(), limit_seconds=LIMIT_SECONDS)
    units = ["jenkins.service", *(f"elasticsearch@{n}.service" for n in (1, 2, 3))]
    nodes = ["core1", "core2", "core3", "discovery"]
    assert sorted(writes) == sorted(
        [
            *(f"fleet {verb} {unit}" for unit in units for verb in STOP_AND_DESTROY),
            *(f"compute delete {node}" for node in nodes),
        ]
    )
    last_unit = max(writes.index(f"fleet delete {unit}") for unit in units)
    assert last_unit < min(writes.index(f"compute delete {node}") for node in nodes)
    assert writes[-1] == "compute delete discovery"


def test_of_what_was_taken_down_and_removed_nothing_is_kept_and_it_may_come_again() -> None:
    async def tell() -> None:
        async with story(seed=12) as told:
            await _up(told)
            _take_down(told, *DOCUMENTS)
            await told.until(lambda: _deleted(told) == set(DOCUMENTS), 600)
            told.home.delete_prefix("/desired/")
            await asyncio.sleep(60)
            assert [_kept(told, name) for name in DOCUMENTS] == [[]] * len(DOCUMENTS)
            await _up(told)
            assert len(told.registered()) == 3

    run_virtual(tell(), limit_seconds=LIMIT_SECONDS)


def test_a_document_that_is_removed_before_its_end_is_released_and_touched_no_more() -> None:
    async def tell() -> list[str]:
        async with story(seed=13) as told:
            await _up(told)
            _take_down(told, "nodepool/core")  # its units still need it
            await asyncio.sleep(60)
            told.home.delete_prefix("/desired/nodepool/core")
            await asyncio.sleep(900)
            assert _kept(told, "nodepool/core") != []
            return told.journal.take()

    assert run_virtual(tell(), limit_seconds=LIMIT_SECONDS) == []


def test_what_is_still_needed_waits_and_says_for_whom() -> None:
    async def tell() -> dict[str, Any]:
        async with story(seed=14) as told:
            await _up(told)
            _take_down(told, "nodepool/core")
            await asyncio.sleep(60)
            return _status(told, "nodepool/core")

    status = run_virtual(tell(), limit_seconds=LIMIT_SECONDS)
    assert {(each["gate"], each["reason"]) for each in status["waiting"]} == {
        ("referrers", "ReferrersLeft")
    }
    assert "unit/elasticsearch, unit/jenkins" in status["waiting"][0]["message"]


def test_a_killed_daemon_is_followed_by_one_that_ends_the_teardown_with_nothing_done_twice() -> (
    None
):
    async def tell() -> list[str]:
        async with story(seed=15) as told:
            await _up(told)
            _take_down(told, *DOCUMENTS)
            for _ in range(6):
                await asyncio.sleep(7)
                await told.kill()
                told.start()
            await told.until(lambda: _deleted(told) == set(DOCUMENTS), 1200)
            return told.journal.take()

    writes = run_virtual(tell(), limit_seconds=LIMIT_SECONDS)
    deletions = [each for each in writes if each.startswith("compute delete")]
    assert len(deletions) == len(set(deletions)) == 4
    assert not [each for each in writes if "insert" in each or "launched" in each]


def test_a_node_of_somebody_else_is_left_and_a_protected_pool_stays() -> None:
    async def tell() -> list[str]:
        async with story(seed=16) as told:
            await _up(told)
            protected = {**DOCUMENTS["nodepool/discovery"]}
            metadata = {**protected["metadata"], "annotations": {"steersman/protect": "true"}}
            told.put(
                "/desired/nodepool/discovery",
                json.dumps({**protected, "metadata": {**metadata, "deleting": True}}).encode(),
            )
            _take_down(told, *(DOCUMENTS.keys() - {"nodepool/discovery"}))
            await told.until(
                lambda: _deleted(told) == DOCUMENTS.keys() - {"nodepool/discovery"}, 600
            )
            await asyncio.sleep(600)
            (waiting,) = _status(told, "nodepool/discovery")["waiting"]
            assert waiting["gate"] == "protect"
            return told.journal.take()

    assert "compute delete discovery" not in run_virtual(tell(), limit_seconds=LIMIT_SECONDS)


async def _up(told: Story) -> None:
    told.apply_post()
    await told.until_ready(600)
    told.journal.take()


def _take_down(told: Story, *names: str) -> None:
    for name in names:
        document = DOCUMENTS[name]
        metadata = {**document["metadata"], "deleting": True}
        told.put(f"/desired/{name}", json.dumps({**document, "metadata": metadata}).encode())


def _deleted(told: Story) -> set[str]:
    return {name for name in DOCUMENTS if _condition(told, name, "Deleted") == "True"}


def _condition(told: Story, name: str, type_: str) -> str | None:
    conditions = _status(told, name).get("conditions", ())
    return next((each["status"] for each in conditions if each["type"] == type_), None)


def _status(told: Story, name: str) -> dict[str, Any]:
    entry = told.home.get(f"/status/{name}")
    found: dict[str, Any] = json.loads(entry.value) if entry else {}
    return found


def _kept(told: Story, name: str) -> list[str]:
    places = (f"/steersman/accepted/{name}", f"/steersman/memory/{name}", f"/status/{name}")
    return [place for place in places if told.home.get(place) is not None]
