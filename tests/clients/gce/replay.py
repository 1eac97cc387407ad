"""A Compute Engine that answers as prepared: its bodies, its request lines, its refusals."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from steersman.clients.gce import ComputeClient
from steersman.model.observed import Instance, Operation
from tests.clients.replay import Behaviour, Replay, serving

DATA = Path(__file__).parent / "data"
TIMEOUT_SECONDS = 30.0
SHORT_SECONDS = 0.5  # where silence is waited out
REQUEST_ID = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
LINKS = "https://www.googleapis.com/compute/v1/projects/p"
ZONE = "/compute/v1/projects/p/zones/europe-west1-b"
GET_CORE1 = f"GET {ZONE}/instances/core1"
GET_OPERATION = f"GET {ZONE}/operations/operation-1"
INSERT = f"POST {ZONE}/instances?requestId={REQUEST_ID}"
LIST = "GET /compute/v1/projects/p/aggregated/instances?maxResults=500"
CORE1_JSON = {
    "kind": "compute#instance",
    "id": "5312486541243543210",
    "name": "core1",
    "zone": f"{LINKS}/zones/europe-west1-b",
    "status": "RUNNING",
    "machineType": f"{LINKS}/zones/europe-west1-b/machineTypes/g1-small",
    "networkInterfaces": [{"name": "nic0", "networkIP": "10.240.0.2"}],
    "labels": {"steersman-pool": "core", "steersman-ordinal": "1"},
    "tags": {"items": ["sshable", "core"], "fingerprint": "42WmSpB8rSM="},
    "someFieldOfTomorrow": {"x": 1},
}
CORE1 = Instance(
    id="5312486541243543210",
    name="core1",
    zone="europe-west1-b",
    status="RUNNING",
    machine_type="g1-small",
    ip="10.240.0.2",
    labels={"steersman-pool": "core", "steersman-ordinal": "1"},
    tags=("core", "sshable"),
)
OPERATION_JSON = {
    "kind": "compute#operation",
    "id": "7128783508312083873",
    "name": "operation-1",
    "operationType": "insert",
    "status": "RUNNING",
    "progress": 0,
    "targetId": "5312486541243543210",
    "zone": f"{LINKS}/zones/europe-west1-b",
}
NO_RESULTS = {"warning": {"code": "NO_RESULTS_ON_PAGE", "message": "There are no results."}}
CORE1_AGAIN = {**CORE1_JSON, "name": "core2", "id": "2"}
LIST_KIND = "compute#instanceAggregatedList"


def recorded(name: str, status: int | None = None) -> Behaviour:
    """The answer in that file, whose name begins with its status unless one is given."""
    path = DATA / name
    code = int(name.partition("-")[0]) if status is None else status
    kind = "text/html" if path.suffix == ".html" else "application/json"

    async def behave(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=code, text=path.read_text(), content_type=kind)

    return behave


def scopes(items: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """A page of an aggregated list."""
    return {"kind": LIST_KIND, "items": dict(items), **fields}


@asynccontextmanager
async def compute(
    answers: Mapping[str, Behaviour], *, read_timeout_seconds: float = TIMEOUT_SECONDS
) -> AsyncIterator[tuple[ComputeClient, Replay]]:
    async with serving(answers) as server:
        client = ComputeClient(
            "p",
            endpoint=server.url,
            credentials="anonymous",
            read_timeout_seconds=read_timeout_seconds,
        )
        try:
            yield client, server
        finally:
            await client.close()


async def insert(client: ComputeClient, body: Mapping[str, Any] | None = None) -> Operation:
    return await client.insert_instance(
        "europe-west1-b",
        {"name": "core1"} if body is None else body,
        request_id=REQUEST_ID,
        timeout_seconds=TIMEOUT_SECONDS,
    )
