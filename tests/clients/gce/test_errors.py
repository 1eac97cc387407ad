"""What each refusal of Compute Engine becomes, at once and in an operation."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steersman.clients.gce.errors import BY_CODE, MESSAGE_CHARACTERS_MAX, WORD, refusal, shown
from steersman.model.errors import ErrorClass, OutsideError
from tests.clients.gce.replay import (
    DATA,
    GET_CORE1,
    GET_OPERATION,
    INSERT,
    REQUEST_ID,
    TIMEOUT_SECONDS,
    ZONE,
    compute,
    insert,
    recorded,
)
from tests.clients.replay import Behaviour, closes, says, truncates

STOCKOUT, QUOTA = ErrorClass.STOCKOUT, ErrorClass.QUOTA
THROTTLED, DENIED = ErrorClass.THROTTLED, ErrorClass.DENIED
INVALID, CONFLICT, TRANSIENT = ErrorClass.INVALID, ErrorClass.CONFLICT, ErrorClass.TRANSIENT

REFUSALS = [
    ("400-invalid.json", INVALID, "invalid"),
    ("400-invalidUsage.json", INVALID, "invalidUsage"),  # deletion protection
    ("400-required.json", INVALID, "required"),
    ("400-resourceInUseByAnotherResource.json", CONFLICT, "resourceInUseByAnotherResource"),
    ("400-resourceNotReady.json", CONFLICT, "resourceNotReady"),
    ("400-somethingNew.json", INVALID, "somethingNew"),
    ("403-accessNotConfigured.json", DENIED, "SERVICE_DISABLED"),
    ("403-concurrentOperations.json", THROTTLED, "CONCURRENT_OPERATIONS_QUOTA_EXCEEDED"),
    ("403-forbidden.json", DENIED, "forbidden"),
    ("403-page.html", DENIED, "403"),
    ("403-quotaExceeded.json", QUOTA, "quotaExceeded"),
    ("403-rateLimitExceeded.json", THROTTLED, "rateLimitExceeded"),
    ("403-somethingNew.json", DENIED, "somethingNew"),
    ("404-page.html", INVALID, "404"),
    ("409-alreadyExists.json", CONFLICT, "alreadyExists"),
    ("412-conditionNotMet.json", CONFLICT, "conditionNotMet"),
    ("429-tooManyRequests.json", THROTTLED, "429"),
    ("503-stockout.json", STOCKOUT, "ZONE_RESOURCE_POOL_EXHAUSTED"),
]
# The API may have done what it was asked before this went wrong.
UNKNOWN = [
    ("200-page.html", TRANSIENT, "unreadable"),
    ("408-page.html", TRANSIENT, "408"),
    ("500-internalError.json", TRANSIENT, "internalError"),
    ("500-list.json", TRANSIENT, "500"),
    ("502-page.html", TRANSIENT, "502"),
    ("503-backendError.json", TRANSIENT, "backendError"),
    ("503-page.html", TRANSIENT, "503"),
    ("503-somethingNew.json", TRANSIENT, "somethingNew"),
    ("504-page.html", TRANSIENT, "504"),
]
FAILURES = [
    ("operation-already-exists.json", CONFLICT, "RESOURCE_ALREADY_EXISTS"),
    ("operation-condition.json", CONFLICT, "CONDITION_NOT_MET"),
    ("operation-empty-errors.json", TRANSIENT, "503"),
    ("operation-in-use.json", CONFLICT, "RESOURCE_IN_USE_BY_ANOTHER_RESOURCE"),
    ("operation-internal.json", TRANSIENT, "INTERNAL_ERROR"),
    ("operation-new-refused.json", INVALID, "SOMETHING_NEW"),
    ("operation-new-without-status.json", TRANSIENT, "SOMETHING_NEW"),
    ("operation-not-ready.json", CONFLICT, "RESOURCE_NOT_READY"),
    ("operation-permissions.json", DENIED, "PERMISSIONS_ERROR"),
    ("operation-quota-without-status.json", QUOTA, "QUOTA_EXCEEDED"),
    ("operation-quota.json", QUOTA, "QUOTA_EXCEEDED"),
    ("operation-several.json", STOCKOUT, "ZONE_RESOURCE_POOL_EXHAUSTED"),
    ("operation-status-alone.json", CONFLICT, "409"),
    ("operation-stockout-of-a-pool.json", STOCKOUT, "RESOURCE_POOL_EXHAUSTED"),
    ("operation-stockout-with-details.json", STOCKOUT, "ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS"),
    ("operation-stockout.json", STOCKOUT, "ZONE_RESOURCE_POOL_EXHAUSTED"),
]
GARBAGE = [
    pytest.param(says(None), id="an empty body"),
    pytest.param(says(None, 204), id="no content"),
    pytest.param(says('{"name": "operation-'), id="JSON cut short"),
    pytest.param(says([]), id="a list"),
    pytest.param(says("null"), id="null"),
    pytest.param(says({}), id="an object that says nothing"),
    pytest.param(says({"name": 5, "status": {"DONE": True}}), id="fields of other types"),
    pytest.param(says("[" * 100_000), id="nesting without end"),
    pytest.param(truncates, id="fewer bytes than promised"),
    pytest.param(closes, id="no answer at all"),
]


# Which mean something else to a read.
OF_WRITES = [
    ("404-image.json", INVALID, "notFound"),  # of a read it would be the absence of its object
    ("503-text.json", TRANSIENT, "unreadable"),  # the library trips over it and forgets the status
]
OF_READS = [("503-text.json", TRANSIENT, "503")]


@pytest.mark.parametrize(("name", "kind", "code"), [*REFUSALS, *UNKNOWN, *OF_WRITES])
async def test_a_refusal_is_sorted_by_its_own_word_and_only_then_by_its_status(
    name: str, kind: ErrorClass, code: str
) -> None:
    async with compute({INSERT: recorded(name)}) as (client, server):
        with pytest.raises(OutsideError) as caught:
            await insert(client)
    applied = None if kind is TRANSIENT else False
    assert (caught.value.kind, caught.value.code, caught.value.applied) == (kind, code, applied)
    assert len(server.asked) == 1


@pytest.mark.parametrize(("name", "kind", "code"), [*REFUSALS, *UNKNOWN, *OF_READS])
async def test_a_read_and_a_write_take_a_refusal_for_the_same(
    name: str, kind: ErrorClass, code: str
) -> None:
    async with compute({GET_CORE1: recorded(name)}) as (client, server):
        with pytest.raises(OutsideError) as caught:
            await client.get_instance("europe-west1-b", "core1")
    assert (caught.value.kind, caught.value.code, caught.value.applied) == (kind, code, False)
    assert len(server.asked) == 1


@pytest.mark.parametrize("answer", GARBAGE)
async def test_an_answer_that_is_none_leaves_a_write_unknown(answer: Behaviour) -> None:
    async with compute({INSERT: answer}) as (client, _):
        with pytest.raises(OutsideError) as caught:
            await insert(client)
    assert (caught.value.kind, caught.value.applied) == (TRANSIENT, None)


@pytest.mark.parametrize("answer", GARBAGE)
async def test_an_answer_that_is_none_is_no_proof_of_absence(answer: Behaviour) -> None:
    async with compute({GET_CORE1: answer, GET_OPERATION: answer}) as (client, _):
        for ask in (client.get_instance, client.get_operation):
            name = "core1" if ask == client.get_instance else "operation-1"
            with pytest.raises(OutsideError) as caught:
                await ask("europe-west1-b", name)
            assert (caught.value.kind, caught.value.applied) == (TRANSIENT, False)


async def test_only_the_apis_own_404_is_absence() -> None:
    own, pages = recorded("404-notFound.json"), recorded("404-page.html")
    async with compute({GET_CORE1: own, GET_OPERATION: own}) as (client, _):
        assert await client.get_instance("europe-west1-b", "core1") is None
        assert await client.get_operation("europe-west1-b", "operation-1") is None
    async with compute({GET_CORE1: pages, GET_OPERATION: pages}) as (client, _):
        with pytest.raises(OutsideError):
            await client.get_instance("europe-west1-b", "core1")
        with pytest.raises(OutsideError):
            await client.get_operation("europe-west1-b", "operation-1")


async def test_to_change_what_is_gone_is_a_conflict() -> None:
    line = f"DELETE {ZONE}/instances/core1?requestId={REQUEST_ID}"
    async with compute({line: recorded("404-notFound.json")}) as (client, _):
        with pytest.raises(OutsideError) as caught:
            await client.delete_instance(
                "europe-west1-b", "core1", request_id=REQUEST_ID, timeout_seconds=TIMEOUT_SECONDS
            )
    assert (caught.value.kind, caught.value.code) == (CONFLICT, "notFound")


@pytest.mark.parametrize(("name", "kind", "code"), FAILURES)
async def test_an_operation_that_failed_is_sorted_by_its_own_word(
    name: str, kind: ErrorClass, code: str
) -> None:
    async with compute({GET_OPERATION: recorded(name, 200)}) as (client, _):
        operation = await client.get_operation("europe-west1-b", "operation-1")
    assert operation is not None
    assert operation.done
    assert operation.error is not None
    assert (operation.error.kind, operation.error.code) == (kind, code)
    assert operation.error.applied is False


async def test_a_stockout_tells_where_there_is_room() -> None:
    answers = {GET_OPERATION: recorded("operation-stockout-with-details.json", 200)}
    async with compute(answers) as (client, _):
        operation = await client.get_operation("europe-west1-b", "operation-1")
    assert operation is not None
    assert operation.error is not None
    assert operation.error.message.endswith("(zonesAvailable: europe-west1-c,europe-west1-d)")


@pytest.mark.parametrize(
    ("name", "done"),
    [
        pytest.param("operation-done.json", True, id="DONE is done"),
        pytest.param("operation-running.json", False, id="RUNNING is not"),
        pytest.param("operation-of-tomorrow.json", False, id="an unknown status is not"),
    ],
)
async def test_an_operation_without_an_error_has_not_failed(name: str, done: bool) -> None:
    async with compute({GET_OPERATION: recorded(name, 200)}) as (client, _):
        operation = await client.get_operation("europe-west1-b", "operation-1")
    assert operation is not None
    assert (operation.done, operation.error) == (done, None)
    assert (operation.zone, operation.target_id) == ("europe-west1-b", "5312486541243543210")


def test_the_same_error_means_the_same_at_once_and_in_an_operation() -> None:
    assert BY_CODE["quotaExceeded"] is BY_CODE["QUOTA_EXCEEDED"]
    assert BY_CODE["alreadyExists"] is BY_CODE["RESOURCE_ALREADY_EXISTS"]
    assert BY_CODE["resourceNotReady"] is BY_CODE["RESOURCE_NOT_READY"]


def test_every_recorded_answer_is_looked_at() -> None:
    listed = {name for name, _, _ in (*REFUSALS, *UNKNOWN, *OF_WRITES, *FAILURES)}
    elsewhere = {
        "401-authError.json",  # the tests of credentials
        "404-notFound.json",
        "operation-done.json",
        "operation-of-tomorrow.json",
        "operation-running.json",
    }
    assert {path.name for path in DATA.iterdir()} == listed | elsewhere


def test_a_message_shows_no_metadata_value() -> None:
    message = "Invalid value for field 'resource.metadata.items[0].value': 'pass\nword'. Too long."
    assert shown(message) == (
        "Invalid value for field 'resource.metadata.items[0].value': (not shown). Too long."
    )


@pytest.mark.parametrize(
    "reason", ["x" * 101, "two words", "line\nbreak", "", 5, None, ["quotaExceeded"]]
)
def test_a_word_that_is_none_is_not_taken_for_a_code(reason: object) -> None:
    body = {"error": {"message": "y" * 10_000, "errors": [{"reason": reason}]}}
    error = refusal(400, json.dumps(body).encode(), "getting z/a", write=False)
    assert (error.kind, error.code) == (INVALID, "400")
    assert len(error.message) <= MESSAGE_CHARACTERS_MAX + len("getting z/a: ")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "errors", "details", "@type", "reason", "message"]), inner
        )
    ),
    max_leaves=12,
)


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()), st.integers(300, 599))
def test_whatever_a_refusal_says_it_is_an_error_with_a_code(body: bytes, status: int) -> None:
    error = refusal(status, body, "getting z/a", write=False)
    assert WORD.fullmatch(error.code) or error.code == str(status)
    assert str(error).encode()
