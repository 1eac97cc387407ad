"""Fixtures that more than one folder of tests needs."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings
from structlog.dev import ConsoleRenderer, plain_traceback

from tests.support.etcd import EtcdServer, running_etcd

# Every server of a test is on loopback, where no proxy of the shell leads.
os.environ |= dict.fromkeys(("NO_PROXY", "no_proxy"), "localhost,127.0.0.1,127.0.0.0/8")
for each in ("HTTP_PROXY", "http_proxy"):
    os.environ.pop(each, None)  # for urllib, which knows no networks

# Hypothesis would measure the wall clock, which a busy machine uses up; pytest has a timeout. It
# tries the same inputs each time, so that a change fails for what it changed; others are tried
# with --hypothesis-profile=default.
settings.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
settings.load_profile("any machine")


# As it is anyway, but for the variables of each frame of a traceback, which take seconds to print.
PROCESSORS = (
    *structlog.get_config()["processors"][:-1],
    ConsoleRenderer(exception_formatter=plain_traceback),
)


@pytest.fixture(autouse=True)
def own_logs() -> Iterator[None]:
    """A daemon that a test ran configures logging for its own standard error: not for the next."""
    structlog.configure(processors=[*PROCESSORS])
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
