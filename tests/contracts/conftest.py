"""Every store that there is, on a server that stays up or on one that a test may break."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from steersman.model.ports import Store
from tests.contracts.backends import Backend, Etcd2Backend, Etcd3Backend, ModelBackend
from tests.support.etcd import EtcdServer

STORES = ["etcd3", "etcd2", "model"]


def _backend(name: str, request: pytest.FixtureRequest, server: str) -> Backend:
    if name == "model":
        return ModelBackend()
    etcd: EtcdServer = request.getfixturevalue(server)
    return Etcd3Backend(etcd) if name == "etcd3" else Etcd2Backend(etcd)


@pytest.fixture(params=STORES)
def backend(request: pytest.FixtureRequest) -> Backend:
    return _backend(request.param, request, "etcd_server")


@pytest.fixture(params=STORES)
def own_backend(request: pytest.FixtureRequest) -> Backend:
    return _backend(request.param, request, "own_etcd")


@pytest.fixture
async def store(backend: Backend) -> AsyncIterator[Store]:
    store = backend.open()
    yield store
    await store.close()


@pytest.fixture
async def own_store(own_backend: Backend) -> AsyncIterator[Store]:
    store = own_backend.open()
    yield store
    await store.close()


@pytest.fixture
def root() -> str:
    """A directory that no other test uses."""
    return f"/contract-{uuid4().hex}/"
