"""The Compute Engine client, with the real library, against answers that the API gives."""

import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from steersman import __version__
from steersman.clients.gce import ComputeClient
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.observed import Operation
from tests.clients.gce_replay import (
    CORE1,
    CORE1_JSON,
    GET_CORE1,
    GET_OPERATION,
    INSERT,
    LIST,
    NO_RESULTS,
    OPERATION_JSON,
    REQUEST_ID,
    TIMEOUT_SECONDS,
    ZONE,
    compute,
    insert,
    refusal,
)
from tests.clients.replay import (
    Behaviour,
    says,
    serving,
    truncates,
)


async def test_an_instance_is_told_with_its_links_cut_and_its_tags_sorted() -> None:
    async with compute({GET_CORE1: says(CORE1_JSON)}) as (client, server):
        assert await client.get_instance("europe-west1-b", "core1") == CORE1
    assert server.asked[0].agent == f"steersman/{__version__}"


async def test_an_instance_that_has_only_just_begun_has_no_address() -> None:
    body = {**CORE1_JSON, "networkInterfaces": [], "status": "PROVISIONING"}
    async with compute({GET_CORE1: says(body)}) as (client, _):
        instance = await client.get_instance("europe-west1-b", "core1")
    assert instance is not None
    assert (instance.ip, instance.status) == (None, "PROVISIONING")


async def test_what_the_api_says_is_not_there_is_none() -> None:
    gone = refusal(404, "notFound", "The resource 'core1' was not found")
    async with compute({GET_CORE1: gone, GET_OPERATION: gone}) as (client, _):
        assert await client.get_instance("europe-west1-b", "core1") is None
        assert await client.get_operation("europe-west1-b", "operation-1") is None


async def test_a_list_holds_every_page_and_names_the_zones_that_did_not_answer() -> None:
    first = {
        "items": {
            "zones/europe-west1-b": {"instances": [CORE1_JSON]},
            "zones/europe-west1-c": NO_RESULTS,
        },
        "nextPageToken": "more",
    }
    second = {
        "items": {
            "zones/europe-west1-b": {"instances": [{**CORE1_JSON, "name": "core2", "id": "2"}]},
            "zones/us-central1-a": {"warning": {"code": "UNREACHABLE", "message": "down"}},
        },
        "unreachables": ["projects/p/zones/us-central1-f"],
    }
    answers = {LIST: says(first), f"{LIST}&pageToken=more": says(second)}
    async with compute(answers) as (client, _):
        listed = await client.list_instances()
    assert [instance.name for instance in listed.instances] == ["core1", "core2"]
    assert listed.unreachable == {"us-central1-a", "us-central1-f"}


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(refusal(503, "backendError"), id="an error"),
        pytest.param(truncates, id="half an answer"),
        pytest.param(says({"warning": {"code": "UNREACHABLE"}}), id="an unnamed gap"),
    ],
)
async def test_a_list_is_whole_or_an_error(second: Behaviour) -> None:
    first = says({"items": {"zones/z": {"instances": [CORE1_JSON]}}, "nextPageToken": "more"})
    async with compute({LIST: first, f"{LIST}&pageToken=more": second}) as (client, _):
        with pytest.raises(OutsideError) as caught:
            await client.list_instances()
    assert caught.value.kind is ErrorClass.TRANSIENT


async def test_pages_without_end_are_an_error() -> None:
    page = says({"items": {}, "nextPageToken": "more"})
    async with compute({LIST: page, f"{LIST}&pageToken=more": page}) as (client, _):
        with pytest.raises(OutsideError, match="pages"):
            await client.list_instances()


async def test_an_insert_sends_the_body_as_it_is_and_returns_the_operation() -> None:
    body = {
        "name": "core1",
        "machineType": "zones/europe-west1-b/machineTypes/g1-small",
        "disks": [{"boot": True, "autoDelete": True, "initializeParams": {"diskSizeGb": "20"}}],
        "networkInterfaces": [{"network": "global/networks/default", "networkIP": "10.0.0.9"}],
        "labels": {"steersman-owner": "o"},
        "metadata": {"items": [{"key": "user-data", "value": "#cloud-config\n"}]},
    }
    async with compute({INSERT: says(OPERATION_JSON)}) as (client, server):
        operation = await insert(client, body)
    assert [asked.body for asked in server.asked] == [body]
    assert operation == Operation(
        "operation-1", "europe-west1-b", done=False, target_id="5312486541243543210"
    )


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"nmae": "core1"}, id="an unknown field"),
        pytest.param({"disks": [{"sizeGb": 20}]}, id="an unknown field below"),
        pytest.param({"canIpForward": "maybe"}, id="a value of another type"),
        pytest.param({"name": object()}, id="no JSON at all"),
    ],
)
async def test_a_body_that_the_api_does_not_know_is_not_sent(body: Mapping[str, Any]) -> None:
    async with compute({}) as (client, server):
        with pytest.raises(OutsideError) as caught:
            await insert(client, body)
    assert (caught.value.kind, caught.value.applied) == (ErrorClass.INVALID, False)
    assert server.asked == []


@pytest.mark.parametrize("verb", ["start", "reset", "stop", "delete"])
@pytest.mark.parametrize("instance", ["core1", "5312486541243543210"])
async def test_an_instance_is_changed_by_name_or_by_id_and_with_the_request_id(
    verb: str, instance: str
) -> None:
    path = f"{ZONE}/instances/{instance}"
    line = f"DELETE {path}" if verb == "delete" else f"POST {path}/{verb}"
    answers = {f"{line}?requestId={REQUEST_ID}": says(OPERATION_JSON)}
    async with compute(answers) as (client, _):
        operation = await getattr(client, f"{verb}_instance")(
            "europe-west1-b", instance, request_id=REQUEST_ID, timeout_seconds=TIMEOUT_SECONDS
        )
    assert operation.name == "operation-1"


async def test_every_call_is_counted_with_the_words_of_its_outcome() -> None:
    counted: list[tuple[str, str, str]] = []
    answers = {GET_CORE1: says(CORE1_JSON), INSERT: refusal(403, "quotaExceeded")}
    async with serving(answers) as server:
        client = ComputeClient(
            "p",
            endpoint=server.url,
            credentials="anonymous",
            observe=lambda backend, method, code, seconds: counted.append((backend, method, code)),
        )
        await client.get_instance("europe-west1-b", "core1")
        with pytest.raises(OutsideError):
            await insert(client)
        await client.close()
    assert counted == [
        ("compute", "instances.get", "200"),
        ("compute", "instances.insert", "quotaExceeded"),
    ]


def test_the_library_is_not_loaded_before_the_first_call() -> None:
    script = (
        "import sys, steersman.clients.gce as gce\n"
        "gce.ComputeClient('p', credentials='anonymous')\n"
        "assert 'google.cloud.compute_v1' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
