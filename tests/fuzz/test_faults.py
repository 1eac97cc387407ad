"""The bodies of faults: one is injected whole, or refused and nothing has changed."""

import asyncio
import json
from collections.abc import Iterator

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from localcloud.control import app
from localcloud.journal import Journal
from tests.fuzz.corpus import good
from tests.fuzz.strategies import changed_json
from tests.fuzz.trying import fuzzed
from tests.localcloud.story import Story

FAULTS = "faults"
WORDS = [json.loads(body)[0] for body in good(FAULTS)]


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@fuzzed(FAULTS, changed_json([json.dumps(json.loads(body)[1]).encode() for body in good(FAULTS)]))
def test_a_fault_is_injected_or_refused_and_then_nothing_has_changed(
    runner: asyncio.Runner, body: bytes
) -> None:
    story = Story()
    story.insert("core1")
    story.after(10)
    for word in WORDS:
        before = story.cloud.dump()
        status = runner.run(_injected(story, word, body))
        assert status in (200, 400, 404, 413)
        assert status == 200 or story.cloud.dump() == before
    story.after(60)


async def _injected(story: Story, word: str, body: bytes) -> int:
    async with TestClient(TestServer(app(story.cloud, Journal()))) as client:
        answer: ClientResponse = await client.post(f"/v1/faults/{word}", data=body)
        return answer.status
