"""The contract runs on the model of fleet; with -m real_servers, on three real machines too."""

from collections.abc import Iterator

import pytest

from tests.contracts.fleet.build import UnavailableError, fleetd
from tests.contracts.fleet.cluster import Cluster
from tests.contracts.fleet.machines import REAL, Machines
from tests.contracts.fleet.modelled import ModelMachines
from tests.contracts.fleet.operated import WEB_SPEC, Operated
from tests.contracts.fleet.real import RealMachines
from tests.contracts.fleet.texts import AT_TWO


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "machines" in metafunc.fixturenames:
        parameters = ["model", pytest.param("real", marks=REAL)]
        metafunc.parametrize("machines", parameters, indirect=True, scope="session")


@pytest.fixture(scope="session")
def real_machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealMachines]:
    try:
        program = fleetd()
    except UnavailableError as error:
        pytest.skip(f"NOT CHECKED against a real fleet: {error}")
    machines = RealMachines(tmp_path_factory.mktemp("fleet"), program)
    try:
        yield machines
    finally:
        machines.close()


@pytest.fixture(scope="session")
def machines(request: pytest.FixtureRequest) -> Iterator[Machines]:
    if request.param == "real":
        yield request.getfixturevalue("real_machines")
        return
    model = ModelMachines()
    try:
        yield model
    finally:
        model.close()


@pytest.fixture
def cluster(machines: Machines) -> Cluster:
    """Of three machines with nothing on them, whatever the test before has done."""
    found = Cluster(machines)
    found.repair()
    return found


@pytest.fixture(scope="module")
def town(
    real_machines: RealMachines, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Operated]:
    """Three units of one document that exclude each other, and one that belongs on machine 2."""
    found = Operated(real_machines, tmp_path_factory.mktemp("daemon"))
    found.repair()
    with found.daemon():
        found.apply("web", WEB_SPEC)
        found.apply("jenkins", {"content": AT_TWO})
        yield found


@pytest.fixture
def operated(town: Operated) -> Operated:
    """All is as the documents ask, whatever the test before has done."""
    town.machines.mend()
    town.until_ready()
    town.forget_writes()
    return town
