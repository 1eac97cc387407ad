"""fleet's keys in a real etcd."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import pytest

from localcloud.fleet.keyspace import PREFIX, Key
from localcloud.fleet.mirror import Mirror, MirrorError, difference
from tests.localcloud.fleet.support import Town
from tests.support.etcd import EtcdServer

DEADLINE_SECONDS = 100.0  # in which etcd starts, too
POLL_SECONDS = 0.05


@pytest.mark.parametrize(
    ("written", "wanted", "put", "delete"),
    [
        pytest.param({}, {"/a": ("1", None)}, {"/a"}, set(), id="a new key is written"),
        pytest.param({"/a": ("1", None)}, {"/a": ("1", None)}, set(), set(), id="nothing to do"),
        pytest.param({"/a": ("1", None)}, {"/a": ("2", None)}, {"/a"}, set(), id="a new value"),
        pytest.param({"/a": ("1", 20)}, {"/a": ("1", 30)}, {"/a"}, set(), id="a heartbeat"),
        pytest.param({"/a": ("1", 20)}, {"/a": ("1", 19)}, set(), set(), id="growing old"),
        pytest.param({"/a": ("1", 20)}, {}, set(), {"/a"}, id="a key that went is deleted"),
    ],
)
def test_difference(
    written: Mapping[str, Key], wanted: Mapping[str, Key], put: set[str], delete: set[str]
) -> None:
    found = difference(written, wanted)
    assert (set(found.put), set(found.delete)) == (put, delete)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def shown(session: aiohttp.ClientSession, url: str, path: str) -> dict[str, Any] | None:
    async with session.get(f"{url}/v2/keys{path}") as response:
        node: dict[str, Any] | None = (await response.json(content_type=None)).get("node")
        return node


async def until_shown(session: aiohttp.ClientSession, url: str, path: str, value: str) -> None:
    while True:
        node = await shown(session, url, path)
        if node is not None and node["value"] == value:
            return
        await asyncio.sleep(POLL_SECONDS)


async def test_etcd_shows_what_fleet_keeps(
    own_etcd: EtcdServer, session: aiohttp.ClientSession
) -> None:
    url = f"http://{own_etcd.endpoint}"
    unit, machine = f"{PREFIX}/job/a@1.service/target-state", f"{PREFIX}/machines/m1/object"
    keys: dict[str, Key] = {unit: ("launched", None), machine: ('{"ID":"m1"}', 30)}
    mirror = Mirror(session, url, lambda: dict(keys))
    await mirror.synchronise()
    state = await shown(session, url, unit)
    object_ = await shown(session, url, machine)
    assert state is not None
    assert (state["value"], state.get("ttl")) == ("launched", None)
    assert object_ is not None
    assert (object_["value"], 0 < object_["ttl"] <= 30) == ('{"ID":"m1"}', True)
    keys.clear()
    await mirror.synchronise()
    assert await shown(session, url, unit) is None
    assert await shown(session, url, machine) is None


async def test_only_a_heartbeat_is_written_again(
    own_etcd: EtcdServer, session: aiohttp.ClientSession
) -> None:
    url, path = f"http://{own_etcd.endpoint}", f"{PREFIX}/job/a.service/job-state"
    indexes = []
    lives = iter([30, 29, 30])
    mirror = Mirror(session, url, lambda: {path: ("m1", next(lives))})
    for _ in range(3):
        await mirror.synchronise()
        node = await shown(session, url, path)
        assert node is not None
        indexes.append(node["modifiedIndex"])
    assert indexes[0] == indexes[1] < indexes[2]


async def test_keys_of_an_earlier_life_are_taken_over_or_deleted(
    own_etcd: EtcdServer, session: aiohttp.ClientSession
) -> None:
    url = f"http://{own_etcd.endpoint}"
    old: dict[str, Key] = {f"{PREFIX}/a": ("1", None), f"{PREFIX}/b": ("2", None)}
    await Mirror(session, url, lambda: old).synchronise()
    kept = await shown(session, url, f"{PREFIX}/a")
    new: dict[str, Key] = {f"{PREFIX}/a": ("1", None)}
    await Mirror(session, url, lambda: new).synchronise()
    assert await shown(session, url, f"{PREFIX}/b") is None
    assert await shown(session, url, f"{PREFIX}/a") == kept


async def by_hand(session: aiohttp.ClientSession, method: str, url: str, **form: str) -> None:
    async with session.request(method, url, data=form) as response:
        response.raise_for_status()


async def test_what_somebody_else_does_to_a_job_counts_for_fleet(
    own_etcd: EtcdServer, session: aiohttp.ClientSession
) -> None:
    town = Town()
    for name in ("spoilt.service", "removed.service", "kept.service"):
        town.launch(name)
    town.put("spoilt.service", "bogus")
    url = f"http://{own_etcd.endpoint}"
    mirror = Mirror(session, url, town.fleet.keys, town.fleet.noticed)
    await mirror.synchronise()
    jobs = f"{url}/v2/keys{PREFIX}/job"
    await by_hand(session, "PUT", f"{jobs}/spoilt.service/target-state", value="launched")
    await by_hand(session, "DELETE", f"{jobs}/removed.service?recursive=true")
    await by_hand(session, "DELETE", f"{jobs}/kept.service/target")
    await mirror.look()
    assert [unit.name for unit in town.fleet.units()] == ["kept.service", "spoilt.service"]
    await mirror.synchronise()
    assert await shown(session, url, f"{PREFIX}/job/removed.service/target-state") is None
    restored = await shown(session, url, f"{PREFIX}/job/kept.service/target")
    assert restored is not None
    assert restored["value"] == town.target("kept.service")


async def test_an_outage_of_etcd_is_survived(
    own_etcd: EtcdServer, session: aiohttp.ClientSession
) -> None:
    url = f"http://{own_etcd.endpoint}"
    keys: dict[str, Key] = {f"{PREFIX}/a": ("1", None)}
    mirror = Mirror(session, url, lambda: dict(keys))
    await mirror.synchronise()
    own_etcd.kill()
    keys[f"{PREFIX}/a"] = ("2", None)
    with pytest.raises(MirrorError):
        await mirror.synchronise()
    async with asyncio.timeout(DEADLINE_SECONDS), asyncio.TaskGroup() as group:
        running = group.create_task(mirror.run(), name="mirror")
        await asyncio.to_thread(own_etcd.start)
        await until_shown(session, url, f"{PREFIX}/a", "2")
        running.cancel()
