"""Compute Engine's answers: instances and operations, or an error of the model."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from steersman.clients.gce import ComputeClient
from steersman.model.observed import Instance, Operation
from tests.fuzz.corpus import good
from tests.fuzz.trying import fuzzed
from tests.fuzz.wire import Server, replies, reply, serving

GCE = "gce"
ZONE, ID = "europe-west1-b", "5312486541243543210"
SECONDS = 30.0  # the server answers and hangs up at once
REQUEST_ID = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
LIST = next(each for each in good(GCE) if b"UNREACHABLE" in each)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[ComputeClient]:
    client = ComputeClient(
        "p",
        endpoint=f"http://{server.address}",
        credentials="anonymous",
        read_timeout_seconds=SECONDS,
    )
    server.says = {"/": reply(LIST)}
    assert server.outcome(client.list_instances) is not None  # and the library is loaded
    yield client
    server.outcome(client.close)


@fuzzed(GCE, replies(good(GCE)))
def test_a_list_is_whole_or_a_declared_error(
    server: Server, client: ComputeClient, body: bytes
) -> None:
    server.says = {"/": body}
    found = server.outcome(client.list_instances)
    assert found is None or all(_sound(each) for each in found.instances)
    server.says = {"/": reply(LIST)}
    assert server.outcome(client.list_instances) is not None


@fuzzed(GCE, replies(good(GCE)))
def test_an_instance_is_there_or_not_or_a_declared_error(
    server: Server, client: ComputeClient, body: bytes
) -> None:
    server.says = {"/": body}
    found = server.outcome(lambda: client.get_instance(ZONE, ID))
    assert found is None or _sound(found)


@fuzzed(GCE, replies(good(GCE)))
def test_a_call_begins_an_operation_or_is_a_declared_error(
    server: Server, client: ComputeClient, body: bytes
) -> None:
    server.says = {"/": body}
    terms: Any = {"request_id": REQUEST_ID, "timeout_seconds": SECONDS}
    calls: tuple[Callable[[], Awaitable[Operation | None]], ...] = (
        lambda: client.get_operation(ZONE, "operation-1"),
        lambda: client.insert_instance(ZONE, {"name": "core1"}, **terms),
        lambda: client.delete_instance(ZONE, ID, **terms),
    )
    for call in calls:
        begun = server.outcome(call)
        assert begun is None or (isinstance(begun.name, str) and isinstance(begun.done, bool))


def _sound(instance: Instance) -> bool:
    texts = (instance.id, instance.name, instance.zone, instance.status, instance.machine_type)
    labels = (*instance.labels, *instance.labels.values(), *instance.tags)
    return all(isinstance(each, str) for each in (*texts, *labels))
