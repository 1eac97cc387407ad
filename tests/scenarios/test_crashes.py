"""The daemon is killed while the outside has done what it asked for, and says nothing: the next
daemon finds out, does nothing twice and leaves nothing behind."""

import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest
import pytest_asyncio

from tests.scenarios.city import City
from tests.scenarios.cloud import POST
from tests.scenarios.processes import Daemon

pytestmark = [
    pytest.mark.scenario,
    pytest.mark.timeout(1200),
    pytest.mark.asyncio(loop_scope="module"),
]

START_SECONDS = 400.0
REFS = ("nodepool/core", "unit/jenkins", "unit/elasticsearch", "elasticsearch/es-prod")
NODES = 3  # of Elasticsearch
FIRST_NODE = 3  # the address of core1: the discovery node has the one before
WRITES = (b"POST", b"PUT", b"DELETE")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def city(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[City]:
    """The whole post and a node to spare, brought up by a daemon that is gone."""
    city = City(tmp_path_factory.mktemp("city"))
    async with city.running():
        await city.apply(POST)
        async with city.daemon("founder") as founder:
            await city.until(lambda: all(map(city.ready, REFS)), START_SECONDS)
            await want(city, "spare", 1)
            await city.until(lambda: city.ready("nodepool/spare"))
            founder.send(signal.SIGTERM)
            await city.until(lambda: founder.ended)
        yield city


@dataclass(frozen=True)
class Crash:
    """`way` is the system that does as it is told and does not answer; `witness` tells what was
    done there; what is `expected` of it is all that may ever be done."""

    way: str
    cause: Callable[[City], Awaitable[None]]
    witness: Callable[[City], list[str]]
    expected: list[str]
    at_kill: int = 1  # so many of them are done when the daemon is killed


def at_rest(city: City, daemon: Daemon) -> bool:
    """Everything is ready and nothing is planned. A status may be of the daemon before, which was
    killed; that every node is registered tells that none is still on its way back."""
    ready = all(map(city.ready, REFS)) and len(city.registrations()) == NODES
    return ready and not daemon.api("plan")["steps"]


async def want(city: City, name: str, replicas: int) -> None:
    """A pool of a node that needs nothing but Compute Engine, or of none."""
    spec = {
        "nameFormat": name,
        "replicas": replicas,
        "zones": ["europe-west1-b"],
        "machineType": "g1-small",
        "image": {"project": "coreos-cloud", "name": "coreos-alpha-423-0-0-v20140828"},
        "health": {"fleet": False},
    }
    await city.put(f"/desired/nodepool/{name}", {"spec": spec})


async def want_another_node(city: City) -> None:
    await want(city, "extra", 1)


async def want_a_node_no_more(city: City) -> None:
    await want(city, "spare", 0)


async def crash_a_node(city: City) -> None:
    await city.fault("node-crash", name="core2")


async def crash_a_unit(city: City) -> None:
    await city.fault("unit-crash", name="jenkins.service")


async def remove_a_registration(city: City) -> None:
    await city.unregister(FIRST_NODE)


CRASHES = [
    pytest.param(
        Crash("gce", want_another_node, lambda city: city.done("compute"), ["insert extra"]),
        id="a creation is not asked for twice",
    ),
    pytest.param(
        Crash("gce", want_a_node_no_more, lambda city: city.done("compute"), ["delete spare"]),
        id="a deletion is not asked for twice",
    ),
    pytest.param(
        Crash("gce", crash_a_node, lambda city: city.done("compute"), ["start core2"]),
        id="a start is not asked for twice",
    ),
    pytest.param(
        Crash(
            "fleet",
            crash_a_unit,
            lambda city: city.done("fleet"),
            ["loaded jenkins.service", "launched jenkins.service"],
        ),
        id="a restart goes on where it was",
    ),
    pytest.param(
        Crash("keys", remove_a_registration, City.registered, [f"set {FIRST_NODE}"]),
        id="a registration is written once",
    ),
]


@pytest.mark.parametrize("crash", CRASHES)
async def test_the_next_daemon_does_nothing_twice(city: City, crash: Crash) -> None:
    async with city.daemon("first") as first:
        await city.until(lambda: city.leader() == "first" and first.api("plan")["complete"])
        await city.until(lambda: at_rest(city, first))
        await city.look(city.remember)
        first.ways[crash.way].withhold_answers_to(*WRITES)
        await crash.cause(city)
        await city.until(lambda: crash.witness(city) == crash.expected[: crash.at_kill])
        first.send(signal.SIGKILL)
    async with city.daemon("second") as second:
        await city.until(lambda: city.leader() == "second" and second.api("plan")["complete"])
        await city.until(lambda: crash.witness(city) == crash.expected)
        await city.until(lambda: at_rest(city, second))
        await city.until(lambda: not city.under("/steersman/intents/"))

        assert await city.look(lambda: crash.witness(city)) == crash.expected
        second.send(signal.SIGTERM)
        await city.until(lambda: second.ended)
