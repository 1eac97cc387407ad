"""A project of the local cloud, and the Compute Engine client of it."""

import random
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import IPv4Network
from typing import Any

from localcloud.clock import ManualClock
from localcloud.compute.model import Compute
from localcloud.compute.resources import Instance as ModelInstance
from localcloud.compute.server import app
from localcloud.journal import Journal
from steersman.clients.gce import ComputeClient
from steersman.model.observed import Instance
from steersman.model.ports import Edit
from tests.clients.replay import serving_app

ZONE = "europe-west1-b"
TIMEOUT_SECONDS = 30.0
LONG_SECONDS = 60.0  # more than any operation takes
REQUEST_ID = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
OTHER_REQUEST_ID = "6f9619ff-8b86-4d01-b42d-00cf4fc96400"
BODY: dict[str, Any] = {
    "name": "core1",
    "machineType": f"zones/{ZONE}/machineTypes/g1-small",
    "disks": [
        {
            "boot": True,
            "autoDelete": True,
            "initializeParams": {
                "sourceImage": "projects/coreos-cloud/global/images/coreos-alpha-423-0-0-v20140828"
            },
        }
    ],
    "networkInterfaces": [{"network": "global/networks/default"}],
    "tags": {"items": ["core"]},
    "labels": {"steersman-pool": "core"},
}


class Project:
    """Its time is moved by a test."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.model = Compute(self.clock, random.Random(1), IPv4Network("127.20.0.0/16"))
        self.journal = Journal()
        self.client: ComputeClient

    def advance(self) -> None:
        self.clock.advance(LONG_SECONDS)
        self.model.tick()

    async def insert(self, request_id: str = REQUEST_ID, **fields: Any) -> Any:
        body = {**BODY, **fields}
        return await self.client.insert_instance(
            ZONE, body, request_id=request_id, timeout_seconds=TIMEOUT_SECONDS
        )

    async def delete(self, instance: str | None) -> None:
        """Each time an attempt of its own."""
        assert instance is not None
        await self.client.delete_instance(
            ZONE, instance, request_id=str(uuid.uuid4()), timeout_seconds=TIMEOUT_SECONDS
        )

    async def edit(self, edit: Edit, instance: str) -> None:
        await self.client.edit_instance(
            ZONE, instance, edit, request_id=OTHER_REQUEST_ID, timeout_seconds=TIMEOUT_SECONDS
        )
        self.advance()

    def stored(self) -> ModelInstance:
        """The only instance, as it is."""
        (instance,) = self.model.state.instances.values()
        return instance

    async def seen(self) -> Instance:
        """The only instance, as the client tells of it."""
        (instance,) = (await self.client.list_instances()).instances
        return instance


@asynccontextmanager
async def served_project() -> AsyncIterator[Project]:
    project = Project()
    async with serving_app(app(project.model, project.journal)) as url:
        project.client = ComputeClient(
            "p", endpoint=url, credentials="anonymous", read_timeout_seconds=TIMEOUT_SECONDS
        )
        yield project
        await project.client.close()
