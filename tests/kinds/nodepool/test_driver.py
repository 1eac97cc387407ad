"""What a nodepool's steps do to Compute Engine."""

import json
import random
import uuid
from typing import Any, cast

import pytest

from localcloud.compute.bodies.instance import instance_request
from steersman.kinds.nodepool import KIND
from steersman.kinds.nodepool.driver import body
from steersman.kinds.nodepool.plan import CreateInstance
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.kind import Attempt, Driver, Ports
from steersman.model.outcome import Done, OperationDone
from steersman.model.plan import Step
from steersman.model.ports import Compute, Store
from tests.kinds.builders import ZONE, compute, fleet, instance, world
from tests.kinds.nodepool.support import TOKEN, FakeCompute, node, plan_in, pool, remembering

ATTEMPT = Attempt("attempt-1", 8.0)
SPEC: dict[str, Any] = {
    "replicas": 1,
    "disks": [{"boot": True, "sizeGb": 20}],
    "tags": ["core"],
    "labels": {"role": "core"},
    "metadata": {"serial-port-enable": "1"},
    "userData": {"template": "#cloud-config\n"},
}


def driver(cloud: FakeCompute | None) -> Driver:
    nothing = cast(Store, None)
    return KIND.driver(Ports(nothing, nothing, random.Random(1), cast(Compute | None, cloud)))


def only_step(spec: dict[str, Any], *instances: Any, **own: Any) -> Step:
    core = pool(**spec)
    there = world(
        core,
        compute=compute(*instances),
        fleet=fleet(),
        memory={core.key: remembering(**own)},
    )
    [step] = plan_in(there, core).steps
    return step


def creation() -> CreateInstance:
    action = only_step(SPEC).action
    assert isinstance(action, CreateInstance)
    return action


async def test_a_created_instance_is_waited_for_by_its_operation() -> None:
    cloud = FakeCompute()
    done = await driver(cloud).execute(only_step(SPEC), ATTEMPT)
    assert done == Done(OperationDone(ZONE, "insert-attempt-1", "core1"))
    assert list(cloud.instances) == [(ZONE, "core1")]


async def test_the_same_attempt_creates_once() -> None:
    cloud = FakeCompute()
    for _ in range(2):
        await driver(cloud).execute(only_step(SPEC), ATTEMPT)
    assert list(cloud.bodies) == ["attempt-1"]


async def test_a_member_that_is_there_already_is_adopted() -> None:
    cloud = FakeCompute({(ZONE, "core1"): node(pool(), 1)})
    assert await driver(cloud).execute(only_step(SPEC), ATTEMPT) == Done()


@pytest.mark.parametrize(
    "holder",
    [
        pytest.param(instance("core1"), id="nobody's"),
        pytest.param(
            instance("core1", labels={**node(pool(), 1).labels, "steersman-uid": "other"}),
            id="another pool's",
        ),
        pytest.param(
            instance("core1", labels={**node(pool(), 1).labels, "steersman-ordinal": "2"}),
            id="another member's",
        ),
    ],
)
async def test_an_instance_that_is_not_this_member_is_not_adopted(holder: Any) -> None:
    cloud = FakeCompute({(ZONE, "core1"): holder})
    with pytest.raises(OutsideError) as refused:
        await driver(cloud).execute(only_step(SPEC), ATTEMPT)
    assert refused.value.kind is ErrorClass.CONFLICT
    assert cloud.instances == {(ZONE, "core1"): holder}


async def test_a_stopped_instance_is_started_by_its_number() -> None:
    stopped = node(pool(), 1, status="TERMINATED", id="4711")
    cloud = FakeCompute({(ZONE, "core1"): stopped})
    done = await driver(cloud).execute(only_step({"replicas": 1}, stopped), ATTEMPT)
    assert done == Done(OperationDone(ZONE, "start-attempt-1", "core1"))
    assert cloud.instances[ZONE, "core1"].status == "RUNNING"


async def test_a_successor_of_the_same_name_is_not_started_by_a_late_call() -> None:
    stopped = node(pool(), 1, status="TERMINATED", id="4711")
    successor = node(pool(), 1, status="TERMINATED", id="4712")
    cloud = FakeCompute({(ZONE, "core1"): successor})
    with pytest.raises(OutsideError):
        await driver(cloud).execute(only_step({"replicas": 1}, stopped), ATTEMPT)
    assert cloud.instances[ZONE, "core1"].status == "TERMINATED"


async def test_tags_are_edited_by_number_over_what_was_seen() -> None:
    there = node(pool(), 1, id="4711", tags=("old",), tags_fingerprint="T1")
    cloud = FakeCompute({(ZONE, "core1"): there})
    step = only_step({"replicas": 1, "tags": ["core"]}, there)
    done = await driver(cloud).execute(step, ATTEMPT)
    assert done == Done(OperationDone(ZONE, "edit-attempt-1", "core1"))
    assert cloud.instances[ZONE, "core1"].tags == ("core",)
    with pytest.raises(OutsideError):  # by now they are another's
        await driver(cloud).execute(step, ATTEMPT)


async def test_a_generated_value_is_a_random_uuid_that_only_secret_attributes_tell() -> None:
    spec = {"replicas": 0, "userData": TOKEN}
    done = await driver(FakeCompute()).execute(only_step(spec), ATTEMPT)
    assert list(done.attributes) == ["secret:token"]
    assert uuid.UUID(done.attributes["secret:token"]).version == 4
    again = await driver(FakeCompute()).execute(only_step(spec), ATTEMPT)
    assert again == done  # the same seed


async def test_without_a_project_a_step_says_what_is_missing() -> None:
    with pytest.raises(OutsideError, match="no Compute Engine project is configured"):
        await driver(None).execute(only_step(SPEC), ATTEMPT)


def test_the_body_is_what_the_api_accepts_and_means_what_the_document_says() -> None:
    request = instance_request(json.loads(json.dumps(body(creation()))), ZONE)
    [disk] = request.disks
    assert request.name == "core1"
    assert request.machine_type == "g1-small"
    assert request.network == "default"
    assert request.access is not None
    assert request.tags == ("core",)
    assert request.labels == creation().labels
    assert request.metadata == {"serial-port-enable": "1", "user-data": "#cloud-config\n"}
    assert disk.new is not None
    assert (disk.boot, disk.auto_delete, disk.new.size_gb) == (True, True, 20)
    assert disk.new.image is not None
    assert disk.new.image.name == "coreos-alpha-423-0-0-v20140828"
    assert disk.new.labels == creation().labels


def test_further_disks_are_empty() -> None:
    core = pool(replicas=1, disks=[{"boot": True}, {"sizeGb": 100}])
    [step] = plan_in(world(core, compute=compute()), core).steps
    assert isinstance(step.action, CreateInstance)
    boot, data = body(step.action)["disks"]
    assert "sourceImage" in boot["initializeParams"]
    assert "sourceImage" not in data["initializeParams"]
    assert data["autoDelete"]
