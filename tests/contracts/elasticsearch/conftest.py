"""The contract runs on the model of each family; with -m real_servers, on real servers too."""

import os
from collections.abc import Iterator

import pytest

from tests.contracts.elasticsearch.modelled import ModelNodes
from tests.contracts.elasticsearch.real import SERVERS, RealNodes, UnavailableError, class_path
from tests.contracts.elasticsearch.server import NUMBERS, Cluster, Nodes

REAL_TIMEOUT_SECONDS = 600  # of one test: three servers start for the first of them
REAL = "real "
# by the process: of those that run side by side no two have the same
ADDRESSES = f"127.94.{os.getpid() // 24 % 256}.{os.getpid() % 24 + 1}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "servers" in metafunc.fixturenames:
        names = [*SERVERS, *(f"{REAL}{version}" for version in SERVERS)]
        parameters = [pytest.param(name, marks=tuple(_marks(name))) for name in names]
        metafunc.parametrize("servers", parameters, indirect=True, scope="session")


def _marks(name: str) -> Iterator[pytest.MarkDecorator]:
    """Of several workers one takes all tests of a cluster, as it is started once."""
    yield pytest.mark.xdist_group(name)
    if name.startswith(REAL):
        yield pytest.mark.real_servers
        yield pytest.mark.timeout(REAL_TIMEOUT_SECONDS)


@pytest.fixture(scope="session")
def servers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    nodes = _nodes(request.param, tmp_path_factory)
    try:
        for number in NUMBERS:
            nodes.start(number)
        yield Cluster(nodes)
    finally:
        nodes.stop()


@pytest.fixture
def cluster(servers: Cluster) -> Cluster:
    """Whole, whatever the test before has done to it."""
    servers.repair()
    return servers


def _nodes(name: str, directories: pytest.TempPathFactory) -> Nodes:
    version = name.removeprefix(REAL)
    server = SERVERS[version]
    if name == version:
        return ModelNodes(version, ADDRESSES)
    try:
        return RealNodes(server, ADDRESSES, directories.mktemp(version), class_path(server))
    except UnavailableError as error:
        pytest.skip(f"NOT CHECKED against a real {version}: {error}")
