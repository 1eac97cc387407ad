"""The Compute Engine client, with the real library, against answers that the API gives."""

import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import web

from steersman import __version__
from steersman.clients.gce import ComputeClient, whole
from steersman.clients.gce.reads import PAGES_MAX
from steersman.clients.gce.whole import PAGE_INSTANCES_MAX
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.observed import Operation
from steersman.model.ports import Edit, Labels, Tags
from tests.clients.gce.replay import (
    CORE1,
    CORE1_AGAIN,
    CORE1_JSON,
    GET_CORE1,
    INSERT,
    LIST,
    NO_RESULTS,
    OPERATION_JSON,
    REQUEST_ID,
    TIMEOUT_SECONDS,
    ZONE,
    compute,
    insert,
    recorded,
    scopes,
)
from tests.clients.replay import (
    Behaviour,
    says,
    serving,
    truncates,
)

LIST_CPU_SECONDS = 0.5


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


async def test_an_instance_is_got_by_name_or_by_id_and_by_nothing_else() -> None:
    answers = {GET_CORE1: says(CORE1_JSON), f"GET {ZONE}/instances/{CORE1.id}": says(CORE1_JSON)}
    async with compute(answers) as (client, server):
        assert await client.get_instance("europe-west1-b", "core1") == CORE1
        assert await client.get_instance("europe-west1-b", CORE1.id) == CORE1
        with pytest.raises(OutsideError):
            await client.get_instance("europe-west1-b", "../disks/core1?x")
    assert server.lines[-1] == f"GET {ZONE}/instances/..%2Fdisks%2Fcore1%3Fx"


async def test_a_list_holds_every_page_and_names_the_zones_that_did_not_answer() -> None:
    first = scopes(
        {
            "zones/europe-west1-b": {"instances": [CORE1_JSON]},
            "zones/europe-west1-c": NO_RESULTS,
        },
        nextPageToken="more",
    )
    second = scopes(
        {
            "zones/europe-west1-b": {"instances": [CORE1_AGAIN]},
            "zones/us-central1-a": {"warning": {"code": "UNREACHABLE", "message": "down"}},
        },
        unreachables=["projects/p/zones/us-central1-f"],
    )
    answers = {LIST: says(first), f"{LIST}&pageToken=more": says(second)}
    async with compute(answers) as (client, server):
        listed = await client.list_instances()
    assert [instance.name for instance in listed.instances] == ["core1", "core2"]
    assert listed.unreachable == {"us-central1-a", "us-central1-f"}
    assert server.lines == list(answers)


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(recorded("503-backendError.json"), id="an error"),
        pytest.param(truncates, id="half an answer"),
        pytest.param(says("{"), id="half of the JSON"),
        pytest.param(says({}), id="an answer that is no list"),
        pytest.param(says(None, 302, {"Location": "/"}), id="a redirection"),
        pytest.param(says(scopes({}, warning={"code": "UNREACHABLE"})), id="an unnamed gap"),
    ],
)
async def test_a_list_is_whole_or_an_error(second: Behaviour) -> None:
    first = says(scopes({"zones/z": {"instances": [CORE1_JSON]}}, nextPageToken="more"))
    async with compute({LIST: first, f"{LIST}&pageToken=more": second}) as (client, _):
        with pytest.raises(OutsideError) as caught:
            await client.list_instances()
    assert caught.value.kind is ErrorClass.TRANSIENT


async def test_pages_without_end_are_an_error() -> None:
    page = says(scopes({}, nextPageToken="more"))
    async with compute({LIST: page, f"{LIST}&pageToken=more": page}) as (client, server):
        with pytest.raises(OutsideError, match="more than 100 pages"):
            await client.list_instances()
    assert len(server.asked) == PAGES_MAX


async def test_a_compressed_list_is_a_list() -> None:
    whole = scopes({"zones/europe-west1-b": {"instances": [CORE1_JSON, CORE1_AGAIN]}})

    async def packed(request: web.BaseRequest) -> web.StreamResponse:
        response = web.json_response(whole)
        response.enable_compression(web.ContentCoding.gzip)
        return response

    async with compute({LIST: packed}) as (client, _):
        assert len((await client.list_instances()).instances) == 2


async def test_a_body_beyond_all_bounds_is_not_read_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(whole, "PAGE_BYTES_MAX", 100)
    async with compute({LIST: says(scopes({"zones/z": {"instances": [CORE1_JSON]}}))}) as (c, _):
        with pytest.raises(OutsideError, match="more than 100 bytes"):
            await c.list_instances()


async def test_a_list_of_a_thousand_instances_costs_little() -> None:
    metadata = {"items": [{"key": "user-data", "value": "x" * 2048}]}
    one = {**CORE1_JSON, "metadata": metadata}
    pages = [
        says(scopes({"zones/z": {"instances": [one] * PAGE_INSTANCES_MAX}}, nextPageToken="more")),
        says(scopes({"zones/z": {"instances": [one] * PAGE_INSTANCES_MAX}})),
    ]
    answers = dict(zip((LIST, f"{LIST}&pageToken=more"), pages, strict=True))
    async with compute(answers) as (client, _):
        await client.list_instances()  # which loads the library
        spent = [await cpu_seconds_of_a_list(client) for _ in range(3)]
    assert min(spent) < LIST_CPU_SECONDS  # once, nothing else of this process came in between


async def cpu_seconds_of_a_list(client: ComputeClient) -> float:
    """Of all threads, those of the server too."""
    before = time.process_time()
    listed = await client.list_instances()
    assert len(listed.instances) == 2 * PAGE_INSTANCES_MAX
    return time.process_time() - before


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


@pytest.mark.parametrize(
    ("edit", "verb", "body"),
    [
        (Labels({"a": "b"}, "f"), "setLabels", {"labels": {"a": "b"}, "labelFingerprint": "f"}),
        (Labels({}, "f"), "setLabels", {"labelFingerprint": "f"}),
        (Tags(("a", "b"), "f"), "setTags", {"items": ["a", "b"], "fingerprint": "f"}),
        (Tags((), "f"), "setTags", {"fingerprint": "f"}),
    ],
    ids=str,
)
async def test_an_edit_names_what_it_replaces(
    edit: Edit, verb: str, body: Mapping[str, Any]
) -> None:
    line = f"POST {ZONE}/instances/{CORE1.id}/{verb}?requestId={REQUEST_ID}"
    async with compute({line: says(OPERATION_JSON)}) as (client, server):
        await client.edit_instance(
            "europe-west1-b",
            CORE1.id,
            edit,
            request_id=REQUEST_ID,
            timeout_seconds=TIMEOUT_SECONDS,
        )
    assert [each.body for each in server.asked] == [body]


async def test_every_call_is_counted_with_the_words_of_its_outcome() -> None:
    counted: list[tuple[str, str, str]] = []
    answers = {GET_CORE1: says(CORE1_JSON), INSERT: recorded("403-quotaExceeded.json")}
    async with serving(answers) as server:
        client = ComputeClient(
            "p",
            endpoint=server.url,
            credentials="anonymous",
            observe=lambda backend, method, code, *_: counted.append((backend, method, code)),
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
        "import sys, threading, steersman.clients.gce as gce\n"
        "gce.ComputeClient('p', credentials='anonymous')\n"
        "assert not {'google.cloud', 'google.auth', 'requests'} & sys.modules.keys()\n"
        "assert threading.active_count() == 1\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
