"""fleet's answers: a whole snapshot or an error of the model, whatever a fleetd says."""

from collections.abc import Awaitable, Callable, Iterator

import pytest

from steersman.clients.fleet import FleetClient
from steersman.model.observed import UnitOption
from steersman.model.ports import FleetRead
from tests.fuzz.corpus import good
from tests.fuzz.trying import fuzzed
from tests.fuzz.wire import Server, replies, reply, serving

FLEET = "fleet"
LISTS = ("machines", "units", "states")
HONEST = {
    f"/fleet/v1/{name.removesuffix('s') if name == 'states' else name}": reply(body)
    for name in LISTS
    for body in good(FLEET)
    if f'{{"{name}"'.encode() in body and b"nextPageToken" not in body
}
OPTIONS = (UnitOption("Service", "ExecStart", "/bin/sleep 3000"),)
SECONDS = 30.0  # the server answers and hangs up at once


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[FleetClient]:
    client = FleetClient(f"http://{server.address}", read_timeout_seconds=SECONDS)
    yield client
    server.outcome(client.close)


@pytest.mark.parametrize("path", sorted(HONEST))
def test_the_others_begin_from_what_is_read(server: Server, client: FleetClient, path: str) -> None:
    server.says = HONEST
    assert path in server.says
    assert server.outcome(client.read) is not None


@fuzzed(FLEET, replies(good(FLEET)))
def test_a_list_is_whole_or_a_declared_error(
    server: Server, client: FleetClient, body: bytes
) -> None:
    for path in HONEST:
        server.says = {**HONEST, path: body}
        read = server.outcome(client.read)
        assert read is None or _sound(read)


@fuzzed(FLEET, replies(good(FLEET)))
def test_a_write_is_done_or_a_declared_error(
    server: Server, client: FleetClient, body: bytes
) -> None:
    server.says = {"/": body}
    writes: tuple[Callable[[], Awaitable[None]], ...] = (
        lambda: client.put_unit("a.service", OPTIONS, "launched", timeout_seconds=SECONDS),
        lambda: client.set_state("a.service", "loaded", timeout_seconds=SECONDS),
        lambda: client.delete_unit("a.service", timeout_seconds=SECONDS),
    )
    for write in writes:
        server.outcome(write)


def _sound(read: FleetRead) -> bool:
    """Whether everything is of the type that the engine takes for granted."""
    units = (
        [each.name, each.hash, each.desired_state, *(o.value for o in each.options)]
        for each in read.units
    )
    states = ([each.name, each.hash, each.machine_id, each.active] for each in read.states)
    machines = (
        [each.id, each.ip, *each.metadata, *each.metadata.values()] for each in read.machines
    )
    return all(isinstance(text, str) for row in (*units, *states, *machines) for text in row)
