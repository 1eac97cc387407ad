"""One etcd for all tests of commands, emptied before each."""

import socket
from collections.abc import Iterator

import pytest

from tests.cli.support import NOBODY, Etcd, Told, answering
from tests.support.etcd import EtcdServer, running_etcd


@pytest.fixture(scope="package")
def cli_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EtcdServer]:
    with running_etcd(tmp_path_factory.mktemp("cli-etcd")) as server:
        yield server


@pytest.fixture
def etcd(cli_server: EtcdServer, monkeypatch: pytest.MonkeyPatch) -> Etcd:
    """Home, as the environment names it. No unit store is known."""
    found = Etcd(cli_server)
    found.forget()
    monkeypatch.setenv("STEERSMAN_HOME_STORE", found.home)
    return found


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    """A daemon, as the environment names it."""
    queries = Told()
    with answering(queries) as url:
        monkeypatch.setenv("STEERSMAN_API", url)
        yield queries


@pytest.fixture(autouse=True)
def nothing_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else runs on this machine is not what a test talks to."""
    for name in ("STEERSMAN_UNIT_STORE", "STEERSMAN_OWNER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("STEERSMAN_HOME_STORE", f"etcd3://{NOBODY}")
    monkeypatch.setenv("STEERSMAN_API", f"http://{NOBODY}")


@pytest.fixture(autouse=True)
def ana(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who types the commands, on which machine, outside of any git repository."""
    monkeypatch.setenv("LOGNAME", "ana")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setattr(socket, "gethostname", lambda: "laptop")
