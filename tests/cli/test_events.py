import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import pytest

from steersman.cli.work.following import events
from steersman.cli.work.references import reference
from steersman.clients.etcd import open_store
from steersman.engine.home.events import EVENTS
from steersman.model.ports import Store
from tests.cli.support import Etcd, event, steersman

DEADLINE_SECONDS = 60


@pytest.fixture
async def home(etcd: Etcd) -> AsyncIterator[Store]:
    store = open_store(etcd.home)
    yield store
    await store.close()


def test_events_are_one_object_a_line_in_order(etcd: Etcd) -> None:
    etcd.put(f"{EVENTS}2-000001", event("second"))
    etcd.put(f"{EVENTS}1-000002", event("first"))
    ended = steersman("events", "-o", "json")
    assert [json.loads(line) for line in ended.lines] == [event("first"), event("second")]


def test_a_line_tells_what_was_done_to_whom_and_why(etcd: Etcd) -> None:
    etcd.put(f"{EVENTS}1", event("es", action="LaunchUnit", target="fleet:es@1.service"))
    (line,) = steersman("events").lines
    told = "LaunchUnit fleet:es@1.service (Because): something about es"
    assert line.endswith(told)
    assert line.removesuffix(told).split()[-2:] == ["Normal", "unit/es"]


def test_old_ones_are_left_out_when_asked(etcd: Etcd) -> None:
    now = datetime.now(UTC)
    for name, minutes in (("old", 11), ("new", 9)):
        at = (now - timedelta(minutes=minutes)).isoformat()
        etcd.put(f"{EVENTS}{name}", event(name, time=at))
    assert steersman("events", "--since", "10m", "-o", "name").lines == ["id-of-new"]


@pytest.mark.parametrize(
    ("ref", "seen"),
    [
        ("unit/es", ["id-of-es", "id-of-es"]),
        ("unit/es@1", ["id-of-es"]),
        ("unit/es@2", []),
        ("unit/other", ["id-of-other"]),
        ("np/es", []),
    ],
)
def test_one_resource_or_one_member_is_followed(etcd: Etcd, ref: str, seen: list[str]) -> None:
    etcd.put(f"{EVENTS}1", event("es", action="LaunchUnit", target="fleet:es@1.service"))
    etcd.put(f"{EVENTS}2", event("es", action="LaunchUnit", target="fleet:es@11.service"))
    etcd.put(f"{EVENTS}3", event("other"))
    assert steersman("events", "--for", ref, "-o", "name").lines == seen


def test_a_node_of_a_pool_is_meant_by_its_whole_name() -> None:
    core2 = reference("nodepool/core/core2")
    assert core2.concerns("compute:europe-west1-b/core2")
    assert not core2.concerns("compute:europe-west1-b/core21")
    assert not core2.concerns(None)


async def test_followers_see_each_event_once_and_those_that_come(etcd: Etcd, home: Store) -> None:
    etcd.put(f"{EVENTS}1", event("there"))
    seen: list[str] = []
    async with asyncio.timeout(DEADLINE_SECONDS), aclosing(events(home, follow=True)) as following:
        async for each in following:
            seen.append(each["name"])
            if len(seen) == 3:
                break
            await asyncio.to_thread(etcd.put, f"{EVENTS}{len(seen) + 1}", event(f"new{len(seen)}"))
    assert seen == ["there", "new1", "new2"]


@pytest.mark.parametrize("nothing", ["{", "[]", '{"time": "yesterday"}'])
def test_what_is_no_event_is_told_by_its_key_and_hides_no_other(etcd: Etcd, nothing: str) -> None:
    etcd.put(f"{EVENTS}1", event("first"))
    etcd.put(f"{EVENTS}2", nothing)
    etcd.put(f"{EVENTS}3", event("second"))
    ended = steersman("events", "--since", "365000d", "-o", "name")
    assert ended.lines == ["id-of-first", "id-of-second"]
    assert ended.err == f"steersman: left out, no event that can be read: {EVENTS}2\n"
