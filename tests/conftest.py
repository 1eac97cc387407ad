"""Fixtures that more than one folder of tests needs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from tests.support.etcd import EtcdServer, running_etcd

# Hypothesis would measure the wall clock, which a busy machine uses up; pytest has a timeout.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture(autouse=True)
def own_logs() -> Iterator[None]:
    """A daemon that a test ran configures logging for its own standard error: not for the next."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def etcd_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EtcdServer]:
    """A real etcd for all tests that leave it running: use keys of your own."""
    with running_etcd(tmp_path_factory.mktemp("etcd")) as server:
        yield server


@pytest.fixture
def own_etcd(tmp_path: Path) -> Iterator[EtcdServer]:
    """A real etcd for one test, which may kill it, wipe it or use up its history."""
    with running_etcd(tmp_path) as server:
        yield server
