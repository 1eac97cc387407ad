"""Every case of the contract in every cell of the matrix."""

from collections.abc import AsyncIterator, Generator, Iterator
from uuid import uuid4

import pytest

from steersman.model.ports import Store
from tests.contracts.backends import (
    PREFIX,
    Backend,
    Deployment,
    Etcd2Backend,
    Etcd3Backend,
    ModelBackend,
    RealBackend,
    deployed,
    real_backend,
)
from tests.contracts.matrix import CELLS, Cell, gap
from tests.contracts.scheduling import CellScheduling

SLOW_SECONDS = 600  # of a test whose etcd has members that die, or passwords to look at


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A case cannot choose its cells: naming some of its own would name them twice."""
    if "cell" not in metafunc.fixturenames:
        return
    cells = [pytest.param(cell, id=str(cell), marks=tuple(_marks(cell))) for cell in CELLS]
    metafunc.parametrize("cell", cells, indirect=True, scope="session")


def _marks(cell: Cell) -> Iterator[pytest.MarkDecorator]:
    if not cell.quick:
        yield pytest.mark.slow
        yield pytest.mark.timeout(SLOW_SECONDS)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> CellScheduling | None:
    return CellScheduling(config, log) if config.getvalue("dist") == "loadgroup" else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    if (found := _gap(item)) is not None:
        pytest.skip(found)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and _cell(item) is not None and _gap(item) is None:
        report.outcome = "failed"
        report.longrepr = f"{item.name} was skipped, and GAPS does not say why"
    return report


def _cell(item: pytest.Item) -> Cell | None:
    assert isinstance(item, pytest.Function)
    found = item.callspec.params.get("cell") if hasattr(item, "callspec") else None
    return found if isinstance(found, Cell) else None


def _gap(item: pytest.Item) -> str | None:
    assert isinstance(item, pytest.Function)
    cell = _cell(item)
    found = None if cell is None else gap(cell, item.originalname)
    return None if found is None else found.reason


@pytest.fixture(scope="session")
def cell(request: pytest.FixtureRequest) -> Cell:
    found: Cell = request.param
    return found


@pytest.fixture(scope="session")
def deployment(cell: Cell, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment | None]:
    """One for all cases of a cell. None: the model, of which every case has one of its own."""
    if cell.api == "model":
        yield None
        return
    with deployed(cell, tmp_path_factory.mktemp("contract")) as found:
        yield found


@pytest.fixture
def whole(deployment: Deployment | None) -> Backend:
    """All members run."""
    if deployment is None:
        return ModelBackend()
    deployment.cluster.start()
    return real_backend(deployment)


@pytest.fixture
def real(whole: Backend) -> RealBackend:
    assert isinstance(whole, RealBackend)
    return whole


@pytest.fixture
def v3(whole: Backend) -> Etcd3Backend:
    assert isinstance(whole, Etcd3Backend)
    return whole


@pytest.fixture
def v2(whole: Backend) -> Etcd2Backend:
    assert isinstance(whole, Etcd2Backend)
    return whole


@pytest.fixture
def backend(deployment: Deployment | None) -> Backend:
    """Of several members the first, which a store uses as long as it answers, is dead."""
    if deployment is None:
        return ModelBackend()
    if deployment.cell.nodes == 1:
        deployment.cluster.start()
    else:
        deployment.cluster.members[0].kill()
        deployment.cluster.start(first=1)
    return real_backend(deployment)


@pytest.fixture
async def store(backend: Backend, root: str) -> AsyncIterator[Store]:
    store = backend.open()
    await store.list(root)  # passes by the dead member
    yield store
    await store.close()


@pytest.fixture
async def whole_store(whole: Backend) -> AsyncIterator[Store]:
    store = whole.open()
    yield store
    await store.close()


@pytest.fixture
def root() -> str:
    """A directory that no other test uses."""
    return f"{PREFIX}{uuid4().hex}/"
