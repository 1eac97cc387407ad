"""What the commands are told by a daemon, or by whatever listens in its place."""

from collections.abc import Iterator

import pytest

from steersman.clients.daemon import DaemonClient
from tests.fuzz.corpus import good
from tests.fuzz.trying import fuzzed
from tests.fuzz.wire import Server, replies, serving

DAEMON = "daemon"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[DaemonClient]:
    client = DaemonClient(f"http://{server.address}")
    yield client
    server.outcome(client.close)


@fuzzed(DAEMON, replies(good(DAEMON)))
def test_an_answer_is_json_or_a_declared_error(
    server: Server, client: DaemonClient, body: bytes
) -> None:
    server.says = {"/": body}
    server.outcome(lambda: client.get("/api/v1/resources"))
    server.outcome(lambda: client.post("/api/v1/plan", {"documents": []}))


@fuzzed(DAEMON, replies(good(DAEMON)))
def test_checks_are_a_list_of_objects_or_a_declared_error(
    server: Server, client: DaemonClient, body: bytes
) -> None:
    server.says = {"/": body}
    checks = server.outcome(lambda: client.checks("/readyz"))
    assert checks is None or all(isinstance(each, dict) for each in checks)
