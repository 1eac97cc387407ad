"""The Compute Engine client and the local cloud's REST API understand each other."""

import random
from collections.abc import AsyncIterator
from ipaddress import IPv4Network
from typing import Any

import pytest

from localcloud.clock import ManualClock
from localcloud.compute.model import Compute
from localcloud.compute.server import app
from localcloud.journal import Journal
from steersman.clients.gce import ComputeClient
from steersman.model.errors import ErrorClass, OutsideError
from tests.clients.replay import serving_app

ZONE = "europe-west1-b"
TIMEOUT_SECONDS = 10.0
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
    """A project of the local cloud whose time a test moves, and the client of it."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.model = Compute(self.clock, random.Random(1), IPv4Network("127.20.0.0/16"))
        self.journal = Journal()
        self.client = ComputeClient("p", credentials="anonymous")

    def advance(self) -> None:
        self.clock.advance(LONG_SECONDS)
        self.model.tick()

    async def insert(self, request_id: str = REQUEST_ID, **fields: Any) -> Any:
        body = {**BODY, **fields}
        return await self.client.insert_instance(
            ZONE, body, request_id=request_id, timeout_seconds=TIMEOUT_SECONDS
        )


@pytest.fixture
async def project() -> AsyncIterator[Project]:
    project = Project()
    async with serving_app(app(project.model, project.journal)) as url:
        project.client = ComputeClient("p", endpoint=url, credentials="anonymous")
        yield project
        await project.client.close()


async def test_an_instance_lives_from_its_insert_to_its_deletion(project: Project) -> None:
    operation = await project.insert()
    assert not operation.done
    project.advance()
    done = await project.client.get_operation(ZONE, operation.name)
    assert done is not None
    assert (done.done, done.error) == (True, None)

    instance = await project.client.get_instance(ZONE, "core1")
    assert instance is not None
    assert (instance.id, instance.status) == (operation.target_id, "RUNNING")
    assert (instance.zone, instance.machine_type) == (ZONE, "g1-small")
    assert (instance.tags, instance.labels) == (("core",), {"steersman-pool": "core"})
    assert instance.ip is not None
    assert (await project.client.list_instances()).instances == (instance,)

    await project.client.delete_instance(
        ZONE, instance.id, request_id=OTHER_REQUEST_ID, timeout_seconds=TIMEOUT_SECONDS
    )
    project.advance()
    assert await project.client.get_instance(ZONE, instance.id) is None
    assert (await project.client.list_instances()).instances == ()


async def test_a_stopped_instance_is_terminated_and_starts_again(project: Project) -> None:
    await project.insert()
    project.advance()
    statuses = []
    for change in (project.client.stop_instance, project.client.start_instance):
        await change(ZONE, "core1", request_id=OTHER_REQUEST_ID, timeout_seconds=TIMEOUT_SECONDS)
        project.advance()
        instance = await project.client.get_instance(ZONE, "core1")
        assert instance is not None
        statuses.append(instance.status)
    assert statuses == ["TERMINATED", "RUNNING"]


async def test_the_same_request_id_has_one_effect(project: Project) -> None:
    first = await project.insert()
    assert (await project.insert()).name == first.name


async def test_a_name_that_is_taken_is_a_conflict(project: Project) -> None:
    await project.insert()
    with pytest.raises(OutsideError) as caught:
        await project.insert(OTHER_REQUEST_ID)
    assert caught.value.kind is ErrorClass.CONFLICT


async def test_an_image_that_is_not_there_is_an_invalid_request(project: Project) -> None:
    disk = {"boot": True, "initializeParams": {"sourceImage": "projects/x/global/images/nope"}}
    with pytest.raises(OutsideError) as caught:
        await project.insert(disks=[disk])
    assert caught.value.kind is ErrorClass.INVALID


async def test_the_journal_names_us_as_the_caller(project: Project) -> None:
    await project.insert()
    (entry,) = project.journal
    assert entry.caller.startswith("steersman/")
