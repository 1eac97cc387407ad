"""What each failure of Compute Engine becomes: at once, in an operation, and in silence."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from steersman.clients.gce import ComputeClient
from steersman.clients.gce_errors import BY_CODE, shown
from steersman.model.errors import ErrorClass, OutsideError, UnreachableError
from steersman.model.observed import Operation
from tests.clients.gce_replay import (
    CORE1_JSON,
    GET_CORE1,
    GET_OPERATION,
    INSERT,
    OPERATION_JSON,
    REQUEST_ID,
    SHORT_SECONDS,
    STOCKOUT,
    TIMEOUT_SECONDS,
    ZONE,
    compute,
    insert,
    refusal,
)
from tests.clients.replay import (
    HTML,
    Behaviour,
    closed_port,
    closes,
    hangs,
    says,
    truncates,
)


async def test_a_404_that_is_not_the_apis_own_is_no_proof_of_absence() -> None:
    async with compute({GET_CORE1: says("<html>404</html>", 404)}) as (client, _):
        with pytest.raises(OutsideError):
            await client.get_instance("europe-west1-b", "core1")


async def test_to_change_what_is_gone_is_a_conflict() -> None:
    line = f"DELETE {ZONE}/instances/core1?requestId={REQUEST_ID}"
    async with compute({line: refusal(404, "notFound")}) as (client, _):
        with pytest.raises(OutsideError) as caught:
            await client.delete_instance(
                "europe-west1-b", "core1", request_id=REQUEST_ID, timeout_seconds=TIMEOUT_SECONDS
            )
    assert (caught.value.kind, caught.value.code) == (ErrorClass.CONFLICT, "notFound")


@pytest.mark.parametrize(
    ("answer", "kind", "applied"),
    [
        (refusal(400, "invalid"), ErrorClass.INVALID, False),
        (refusal(400, "required"), ErrorClass.INVALID, False),
        (refusal(400, "resourceInUseByAnotherResource"), ErrorClass.CONFLICT, False),
        (refusal(400, "resourceNotReady"), ErrorClass.CONFLICT, False),
        (refusal(401, "authError"), ErrorClass.DENIED, False),
        (refusal(403, "forbidden"), ErrorClass.DENIED, False),
        (refusal(403, "accessNotConfigured"), ErrorClass.DENIED, False),
        (refusal(403, "quotaExceeded"), ErrorClass.QUOTA, False),
        (refusal(403, "rateLimitExceeded"), ErrorClass.THROTTLED, False),
        (refusal(404, "notFound"), ErrorClass.INVALID, False),
        (refusal(409, "alreadyExists"), ErrorClass.CONFLICT, False),
        (refusal(412, "conditionNotMet"), ErrorClass.CONFLICT, False),
        (refusal(429, "tooMany"), ErrorClass.THROTTLED, False),
        (refusal(500, "internalError"), ErrorClass.TRANSIENT, None),
        (refusal(503, "backendError"), ErrorClass.TRANSIENT, None),
        (refusal(503, "ZONE_RESOURCE_POOL_EXHAUSTED"), ErrorClass.STOCKOUT, False),
        (says("<html>", 502), ErrorClass.TRANSIENT, None),
        (says({"error": "overloaded"}, 503), ErrorClass.TRANSIENT, None),
        (HTML, ErrorClass.TRANSIENT, None),
        (closes, ErrorClass.TRANSIENT, None),
        (truncates, ErrorClass.TRANSIENT, None),
    ],
)
async def test_an_error_is_sorted_by_its_reason_and_not_by_its_status(
    answer: Behaviour, kind: ErrorClass, applied: bool | None
) -> None:
    async with compute({INSERT: answer}) as (client, server):
        with pytest.raises(OutsideError) as caught:
            await insert(client)
    assert (caught.value.kind, caught.value.applied) == (kind, applied)
    assert len(server.asked) == 1


async def test_a_failed_read_is_not_retried_behind_our_back() -> None:
    async with compute({GET_CORE1: refusal(503, "backendError")}) as (client, server):
        with pytest.raises(OutsideError):
            await client.get_instance("europe-west1-b", "core1")
    assert len(server.asked) == 1


async def test_silence_ends_at_the_timeout_and_leaves_a_write_unknown() -> None:
    async with compute({GET_CORE1: says(CORE1_JSON), INSERT: hangs}) as (client, _):
        await client.get_instance("europe-west1-b", "core1")
        with pytest.raises(UnreachableError) as caught:
            await client.insert_instance(
                "europe-west1-b", {}, request_id=REQUEST_ID, timeout_seconds=SHORT_SECONDS
            )
    assert (caught.value.code, caught.value.applied) == ("timeout", None)


async def test_a_call_that_waited_too_long_for_a_thread_is_never_sent() -> None:
    answers = {GET_CORE1: says(CORE1_JSON), INSERT: hangs}
    late = f"DELETE {ZONE}/instances/core1?requestId={REQUEST_ID}"
    async with compute(answers) as (client, server):
        await client.get_instance("europe-west1-b", "core1")
        async with asyncio.TaskGroup() as group:
            for _ in range(8):
                group.create_task(expect_timeout(insert_for(client, 2 * SHORT_SECONDS)))
            await asyncio.sleep(0)  # the inserts take all threads first
            group.create_task(
                expect_timeout(
                    client.delete_instance(
                        "europe-west1-b",
                        "core1",
                        request_id=REQUEST_ID,
                        timeout_seconds=SHORT_SECONDS,
                    )
                )
            )
    assert late not in server.lines


async def insert_for(client: ComputeClient, timeout_seconds: float) -> Operation:
    return await client.insert_instance(
        "europe-west1-b", {}, request_id=REQUEST_ID, timeout_seconds=timeout_seconds
    )


async def expect_timeout(call: Any) -> None:
    with pytest.raises(UnreachableError):
        await call


async def test_nobody_listening_is_unreachable() -> None:
    client = ComputeClient(
        "p", endpoint=f"http://127.0.0.1:{closed_port()}", credentials="anonymous"
    )
    with pytest.raises(UnreachableError) as caught:
        await client.list_instances()
    await client.close()
    assert caught.value.applied is False


async def test_credentials_that_are_none_are_denied() -> None:
    client = ComputeClient("p", endpoint="http://127.0.0.1:1", credentials="/nowhere/key.json")
    with pytest.raises(OutsideError) as caught:
        await client.list_instances()
    await client.close()
    assert (caught.value.kind, caught.value.code) == (ErrorClass.DENIED, "credentials")


@pytest.mark.parametrize(
    ("fields", "error", "kind"),
    [
        pytest.param(
            {
                "error": {
                    "errors": [{"code": "ZONE_RESOURCE_POOL_EXHAUSTED", "message": STOCKOUT}]
                },
                "httpErrorStatusCode": 503,
                "httpErrorMessage": "SERVICE UNAVAILABLE",
            },
            "ZONE_RESOURCE_POOL_EXHAUSTED",
            ErrorClass.STOCKOUT,
            id="a stockout is not an outage",
        ),
        pytest.param(
            {"error": {"errors": [{"code": "QUOTA_EXCEEDED", "message": "Quota 'CPUS'"}]}},
            "QUOTA_EXCEEDED",
            ErrorClass.QUOTA,
            id="an error without an HTTP status is an error",
        ),
        pytest.param(
            {"httpErrorStatusCode": 409, "httpErrorMessage": "CONFLICT"},
            "409",
            ErrorClass.CONFLICT,
            id="an HTTP status without an error is one, too",
        ),
        pytest.param(
            {"error": {"errors": [{"code": "BRAND_NEW", "message": "?"}]}},
            "BRAND_NEW",
            ErrorClass.TRANSIENT,
            id="an unknown code is tried again",
        ),
    ],
)
async def test_an_operation_that_is_done_tells_its_error(
    fields: Mapping[str, Any], error: str, kind: ErrorClass
) -> None:
    body = {**OPERATION_JSON, "status": "DONE", **fields}
    async with compute({GET_OPERATION: says(body)}) as (client, _):
        operation = await client.get_operation("europe-west1-b", "operation-1")
    assert operation is not None
    assert operation.done
    assert operation.error is not None
    assert (operation.error.kind, operation.error.code) == (kind, error)


async def test_an_operation_without_an_error_is_a_success() -> None:
    async with compute({GET_OPERATION: says({**OPERATION_JSON, "status": "DONE"})}) as (client, _):
        operation = await client.get_operation("europe-west1-b", "operation-1")
    assert operation is not None
    assert (operation.done, operation.error) == (True, None)


def test_the_same_error_means_the_same_at_once_and_in_an_operation() -> None:
    assert BY_CODE["quotaExceeded"] is BY_CODE["QUOTA_EXCEEDED"]
    assert BY_CODE["alreadyExists"] is BY_CODE["RESOURCE_ALREADY_EXISTS"]
    assert BY_CODE["resourceNotReady"] is BY_CODE["RESOURCE_NOT_READY"]


def test_a_message_shows_no_metadata_value() -> None:
    message = "Invalid value for field 'resource.metadata.items[0].value': 'pass\nword'. Too long."
    assert shown(message) == (
        "Invalid value for field 'resource.metadata.items[0].value': (not shown). Too long."
    )
