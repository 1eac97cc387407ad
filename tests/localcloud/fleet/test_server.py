"""fleetd's shell: the journal of writes, and what depends on the version."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from localcloud.fleet.server import app
from localcloud.journal import Journal
from tests.localcloud.fleet.support import SLEEPER, Town

Client = TestClient[Any, Any]
BODY = (
    '{"desiredState":"launched","options":[{"section":"Service","name":"ExecStart","value":"x"}]}'
)
JSON = {"Content-Type": "application/json", "User-Agent": "a-test"}


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
async def client(town: Town, journal: Journal) -> AsyncIterator[Client]:
    async with TestClient(TestServer(app(town.fleet, journal))) as client:
        yield client


async def put(client: Client, body: str) -> None:
    await client.put("/fleet/v1/units/a.service", data=body, headers=JSON)


async def test_every_write_is_one_line_of_the_journal(
    client: Client, town: Town, journal: Journal
) -> None:
    await put(client, BODY)
    await put(client, '{"desiredState":"loaded"}')
    await put(client, BODY.replace('"x"', '"y"'))
    await put(client, "{}")
    await client.get("/fleet/v1/units")
    change = f'[{{"op":"remove","path":"/{town.machines[0].id}/metadata/a"}}]'
    await client.patch("/fleet/v1/machines", data=change, headers=JSON)
    await client.delete("/fleet/v1/units/a.service", headers=JSON)
    assert [(e.method, e.target, e.action, e.result) for e in journal] == [
        ("PUT", "a.service", "submitted", "201"),
        ("PUT", "a.service", "loaded", "204"),
        ("PUT", "a.service", "replaced", "201"),
        ("PUT", "a.service", "", "409"),
        ("PATCH", "machines", "metadata", "204"),
        ("DELETE", "a.service", "destroyed", "204"),
    ]
    assert {(e.system, e.caller, e.time) for e in journal} == {
        ("fleet", "a-test", town.clock.now())
    }


async def test_the_journal_holds_no_body_but_its_hash(client: Client, journal: Journal) -> None:
    await put(client, BODY)
    (entry,) = journal
    assert len(entry.body) == 64
    assert "ExecStart" not in "".join(journal.lines())


async def test_101_units_come_in_two_pages(client: Client, town: Town) -> None:
    names = [f"page{number:03}.service" for number in range(101)]
    for name in names:
        town.put(name, "inactive", SLEEPER)
    first = await (await client.get("/fleet/v1/units")).json()
    query = {"nextPageToken": first["nextPageToken"]}
    second = await (await client.get("/fleet/v1/units", params=query)).json()
    assert [unit["name"] for unit in first["units"] + second["units"]] == names
    assert "nextPageToken" not in second


async def test_states_are_filtered_by_unit_and_by_whole_machine_id(
    client: Client, town: Town
) -> None:
    town.launch("a.service")
    town.launch("b.service")
    id_ = town.machines[0].id
    found = {}
    for query in ("", "?unitName=b.service", f"?machineID={id_}", f"?machineID={id_[:8]}"):
        answer = await (await client.get(f"/fleet/v1/state{query}")).json()
        found[query] = [state["name"] for state in answer.get("states", [])]
    assert list(found.values()) == [["a.service", "b.service"], ["b.service"], ["a.service"], []]


async def test_metrics_are_text(client: Client) -> None:
    response = await client.get("/metrics")
    assert response.headers["Content-Type"] == "text/plain; version=0.0.4"
    assert "# TYPE fleet_engine_reconcile_count_total counter" in await response.text()
