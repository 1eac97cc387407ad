"""Nodes that are there follow their document in labels, tags and metadata, in virtual time."""

import asyncio
from typing import Any

from localcloud.compute.fingerprints import fingerprint
from tests.simulation.story import Story
from tests.simulation.test_shrinking import POOL, ask, at_rest
from tests.support.virtual import run_virtual

LIMIT_SECONDS = 3600.0
ZONE = "europe-west1-b"


def core(told: Story, number: int) -> Any:
    return told.cloud.compute.instances.get(ZONE, f"core{number}")


def relabel(told: Story, number: int, **labels: str) -> None:
    """Somebody does, in the console."""
    there = core(told, number)
    body = {
        "labels": {**there.labels, **labels},
        "labelFingerprint": fingerprint(there.labels),
    }
    told.cloud.compute.act("setLabels", ZONE, there.id, body)


def test_what_the_document_adds_reaches_every_node_that_is_there() -> None:
    async def tell() -> list[str]:
        async with at_rest(seed=51) as told:
            relabel(told, 2, team="search")
            ask(
                told,
                POOL,
                labels={"role": "core", "tier": "gold"},
                tags=["core", "gold"],
                metadata={"serial-port-enable": "1"},
            )
            await asyncio.sleep(300)
            assert told.not_ready() == {}
            nodes = [core(told, number) for number in (1, 2, 3)]
            assert {each.labels["tier"] for each in nodes} == {"gold"}
            assert {tuple(each.tags) for each in nodes} == {("core", "gold")}
            assert {each.metadata["serial-port-enable"] for each in nodes} == {"1"}
            assert all("discovery" in each.metadata["user-data"] for each in nodes)
            assert nodes[1].labels["team"] == "search"
            return told.journal.take()

    verbs = ("setLabels", "setMetadata", "setTags")
    edits = [f"compute {verb} core{n}" for verb in verbs for n in (1, 2, 3)]
    assert sorted(run_virtual(tell(), limit_seconds=LIMIT_SECONDS)) == edits


def test_a_label_that_somebody_else_changes_is_set_back() -> None:
    async def tell() -> list[str]:
        async with at_rest(seed=52, labels={"role": "core"}) as told:
            relabel(told, 3, role="web")
            await told.until(lambda: core(told, 3).labels["role"] == "core", 120)
            return told.journal.take()

    assert run_virtual(tell(), limit_seconds=LIMIT_SECONDS) == ["compute setLabels core3"]
