"""The API over HTTP as an independent client sees it: bodies, refusals, faults, the journal."""

import asyncio
import hashlib
import json

import aiohttp
import pytest

from localcloud.compute.parts import lifecycle
from tests.localcloud.compute.api import Api
from tests.localcloud.compute.world import ZONE, body

INSTANCES = f"/zones/{ZONE}/instances"
NAME = f"{INSTANCES}/core1"
DAY_SECONDS = 24 * 3600.0


async def test_links_name_the_project_that_asks_and_googles_host(api: Api) -> None:
    await api.insert()
    instance = await api.get(NAME, project="another")
    base = "https://www.googleapis.com/compute/v1/projects/another"
    assert instance["selfLink"] == f"{base}{NAME}"
    assert instance["machineType"] == f"{base}/zones/{ZONE}/machineTypes/g1-small"


async def test_what_is_empty_is_left_out_and_input_only_fields_never_return(api: Api) -> None:
    await api.insert()
    instance = await api.get(NAME)
    assert "labels" not in instance
    assert "items" not in instance["tags"]
    assert "initializeParams" not in instance["disks"][0]
    assert instance["labelFingerprint"] == "42WmSpB8rSM="


async def test_times_are_those_of_california_in_milliseconds(api: Api) -> None:
    await api.insert()
    assert (await api.get(NAME))["creationTimestamp"] == "2014-05-13T09:53:20.000-07:00"
    api.world.advance(200 * DAY_SECONDS)
    await api.insert("core2")
    winter = (await api.get(f"{INSTANCES}/core2"))["creationTimestamp"]
    assert winter == "2014-11-29T08:54:20.000-08:00"


async def test_a_numeric_id_stands_for_a_name(api: Api) -> None:
    await api.insert()
    number = (await api.get(NAME))["id"]
    assert (await api.get(f"{INSTANCES}/{number}"))["name"] == "core1"
    status, operation = await api.call("DELETE", f"{INSTANCES}/{number}")
    assert (status, operation["targetId"]) == (200, number)
    path = f"/zones/{ZONE}/operations/{operation['id']}"
    assert (await api.get(path))["name"] == operation["name"]


@pytest.mark.parametrize(
    ("method", "path", "status", "reason", "message"),
    [
        pytest.param(
            "GET",
            f"{INSTANCES}/core9",
            404,
            "notFound",
            f"The resource 'projects/p/zones/{ZONE}/instances/core9' was not found",
            id="an instance that is not there",
        ),
        pytest.param(
            "GET",
            "/global/images/coreos-alpha-394-0-0-v20140801",
            404,
            "notFound",
            "'projects/p/global/images/",
            id="an image of another project",
        ),
        pytest.param(
            "GET",
            f"/zones/{ZONE}/operations/operation-1",
            404,
            "notFound",
            f"'projects/p/zones/{ZONE}/operations/operation-1' was not found",
            id="an operation that is not known",
        ),
        pytest.param(
            "GET", "/zones/mars-1/instances", 400, "invalid", "zone", id="an unknown zone"
        ),
        pytest.param(
            "GET", "/regions/mars/operations", 400, "invalid", "region", id="an unknown region"
        ),
        pytest.param("POST", f"{NAME}/explode", 404, "notFound", "", id="an unknown verb"),
        pytest.param("PATCH", NAME, 405, "httpMethodNotAllowed", "", id="a method that it has not"),
        pytest.param("GET", "/nothing", 404, "notFound", "", id="an unknown path"),
        pytest.param(
            "GET", f"{NAME}/serialPort?start=x", 400, "invalid", "start", id="a wrong start"
        ),
    ],
)
async def test_a_refusal_has_the_body_of_the_api(
    method: str, path: str, status: int, reason: str, message: str, api: Api
) -> None:
    plain, _, query = path.partition("?")
    parameters = dict([query.split("=")]) if query else {}
    found, answer = await api.call(method, plain, None, "p", **parameters)
    error = answer["error"]
    assert (found, error["code"], error["errors"][0]["reason"]) == (status, status, reason)
    assert message in error["message"]
    assert error["errors"][0]["message"] == error["message"]


async def test_waiting_for_an_operation_may_end_before_the_operation(api: Api) -> None:
    _, operation = await api.call("POST", INSTANCES, body())
    path = f"/zones/{ZONE}/operations/{operation['name']}/wait"
    assert (await api.call("POST", path))[1]["status"] == "PENDING"
    api.world.advance()
    assert (await api.call("POST", path))[1]["status"] == "DONE"
    assert [entry.action for entry in api.entries] == ["insert"]


async def test_every_request_finds_what_is_due_done(api: Api) -> None:
    await api.call("POST", INSTANCES, body())
    api.world.clock.advance(3)
    assert (await api.get(NAME))["status"] == "RUNNING"
    await api.call("DELETE", NAME)
    api.world.clock.advance(5)
    assert (await api.call("POST", INSTANCES, body()))[0] == 200


async def test_a_stale_fingerprint_names_the_header_that_would_say_it(api: Api) -> None:
    await api.insert()
    status, answer = await api.call("POST", f"{NAME}/setLabels", {"labels": {}})
    detail = answer["error"]["errors"][0]
    assert (status, detail["reason"]) == (412, "conditionNotMet")
    assert (detail["location"], detail["locationType"]) == ("If-Match", "header")


async def test_the_serial_port_is_read_on_from_where_it_was_left(api: Api) -> None:
    await api.insert()
    first = await api.get(f"{NAME}/serialPort")
    assert "boot 1" in first["contents"]
    await api.call("POST", f"{NAME}/reset")
    api.world.advance()
    second = await api.get(f"{NAME}/serialPort", start=first["next"])
    assert "boot 1" not in second["contents"]
    assert "boot 2" in second["contents"]


async def test_an_operation_that_failed_says_why_only_when_it_is_done(api: Api) -> None:
    api.world.compute.mishaps.stockout(ZONE, None, api.world.until(100))
    _, operation = await api.call("POST", INSTANCES, body())
    assert "error" not in operation
    api.world.advance()
    done = await api.get(f"/zones/{ZONE}/operations/{operation['name']}")
    assert done["httpErrorStatusCode"] == 503
    assert done["error"]["errors"][0]["code"] == "ZONE_RESOURCE_POOL_EXHAUSTED"
    assert "'projects/p/zones/" in done["error"]["errors"][0]["message"]


async def test_a_lost_reply_is_committed_and_its_repeat_does_no_more(api: Api) -> None:
    api.world.compute.mishaps.lose_replies(1)
    request_id = "6f1d3a52-0000-4000-8000-000000000001"
    with pytest.raises(aiohttp.ClientError):
        await api.call("POST", INSTANCES, body(), requestId=request_id)
    assert api.world.names() == ["core1"]
    status, _ = await api.call("POST", INSTANCES, body(), requestId=request_id)
    assert (status, api.world.names()) == (200, ["core1"])
    assert [entry.result for entry in api.entries] == ["lost-reply", "200"]


async def test_a_read_loses_no_reply(api: Api) -> None:
    api.world.compute.mishaps.lose_replies(1)
    await api.get(INSTANCES)
    assert api.world.compute.state.faults.replies_to_lose == 1


async def test_waiting_ends_with_the_operation(api: Api) -> None:
    _, operation = await api.call("POST", INSTANCES, body())
    path = f"/zones/{ZONE}/operations/{operation['name']}/wait"
    waiting = asyncio.create_task(api.call("POST", path))
    await api.get(INSTANCES)
    api.world.clock.advance(60)
    assert (await waiting)[1]["status"] == "DONE"


async def test_the_record_of_an_operation_can_be_deleted_once_it_is_done(api: Api) -> None:
    _, operation = await api.call("POST", INSTANCES, body())
    path = f"/zones/{ZONE}/operations/{operation['name']}"
    assert (await api.call("DELETE", path))[0] == 400
    api.world.advance()
    assert await api.call("DELETE", path) == (200, {})
    assert (await api.call("GET", path))[0] == 404


async def test_an_operation_is_forgotten_after_two_weeks(api: Api) -> None:
    _, operation = await api.call("POST", INSTANCES, body())
    path = f"/zones/{ZONE}/operations/{operation['name']}"
    api.world.advance()
    api.world.advance(13 * DAY_SECONDS)
    assert (await api.call("GET", path))[0] == 200
    api.world.advance(DAY_SECONDS)
    assert (await api.call("GET", path))[0] == 404


async def test_the_oldest_of_the_serial_port_is_dropped_but_still_counted(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycle, "SERIAL_OUTPUT_CHARS_MAX", 30)
    await api.insert()
    await api.call("POST", f"{NAME}/reset")
    api.world.advance()
    said = await api.get(f"{NAME}/serialPort")
    assert (len(said["contents"]), int(said["next"]) - int(said["start"])) == (30, 30)
    assert said["contents"].endswith("(boot 2)\n")
    assert (await api.get(f"{NAME}/serialPort", start="-3"))["contents"] == "2)\n"
    ahead = await api.get(f"{NAME}/serialPort", start="9000")
    assert (ahead["contents"], ahead["start"]) == ("", said["next"])
    assert (await api.get(f"{NAME}/serialPort", port="2"))["next"] == "0"


@pytest.mark.parametrize(
    ("fault", "status", "reason", "domain"),
    [
        ("rate_limit", 403, "rateLimitExceeded", "usageLimits"),
        ("burst_503", 503, "backendError", "global"),
    ],
)
async def test_a_fault_at_the_door_lets_no_write_through(
    fault: str, status: int, reason: str, domain: str, api: Api
) -> None:
    getattr(api.world.compute.mishaps, fault)(api.world.until(10))
    found, answer = await api.call("POST", INSTANCES, body())
    detail = answer["error"]["errors"][0]
    assert (found, detail["reason"], detail["domain"]) == (status, reason, domain)
    assert api.world.names() == []
    api.world.advance(10)
    assert (await api.call("POST", INSTANCES, body()))[0] == 200


async def test_the_journal_has_one_line_for_each_write_and_none_for_a_read(api: Api) -> None:
    sent = body()
    await api.call("POST", INSTANCES, sent)
    api.world.advance()
    number = (await api.get(NAME))["id"]
    await api.call("POST", f"{NAME}/stop")
    await api.call("DELETE", f"{INSTANCES}/{number}")
    await api.call("DELETE", f"{INSTANCES}/core9")
    await api.call("PATCH", "/global/firewalls/default-allow-ssh", {"disabled": True})
    path = f"zones/{ZONE}/instances"
    assert [(one.action, one.target, one.result) for one in api.entries] == [
        ("insert", f"{path}/core1", "200"),
        ("stop", f"{path}/core1", "200"),
        ("delete", f"{path}/core1", "200"),
        ("delete", f"{path}/core9", "404"),
        ("patch", "global/firewalls/default-allow-ssh", "200"),
    ]
    first = api.entries[0]
    assert (first.system, first.method) == ("compute", "POST")
    assert "aiohttp" in first.caller
    assert first.body == hashlib.sha256(json.dumps(sent).encode()).hexdigest()


async def test_deletion_protection_is_set_by_a_parameter(api: Api) -> None:
    await api.insert()
    path = f"{NAME}/setDeletionProtection"
    await api.call("POST", path, deletionProtection="true")
    assert (await api.call("DELETE", NAME))[0] == 400
    await api.call("POST", path, deletionProtection="false")
    assert (await api.call("DELETE", NAME))[0] == 200
