"""The processes that are measured, and what the kernel says of them."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.etcd import EtcdServer, free_ports, running_etcd

PYTHON = sys.executable
STOP_SECONDS = 15.0
POLL_SECONDS = 0.2
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20


class Process:
    """Its output is kept in a file; `started` is on the monotonic clock."""

    def __init__(
        self, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self._log = log
        self.started = time.monotonic()
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [*command],
                stdout=output,
                stderr=output,
                env={**os.environ, **(environment or {})},
            )

    def cpu_seconds(self) -> float:
        """That it has used so far, in its own code and in the kernel."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND

    def rss_mib(self) -> float:
        return int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]) * PAGE_MIB

    def check(self) -> None:
        """RuntimeError, with what it said last, once it is dead."""
        if self._process.poll() is not None:
            msg = f"{self._log.name} ended:\n{self._log.read_text(errors='replace')[-2000:]}"
            raise RuntimeError(msg)

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_SECONDS)


@dataclass(frozen=True)
class Town:
    """Where etcd and the cloud are; daemons come and go."""

    directory: Path
    etcd: EtcdServer
    cloud_url: str

    @property
    def home(self) -> str:
        return f"etcd3://{self.etcd.endpoint}"

    @property
    def unit_store(self) -> str:
        return f"etcd2://{self.etcd.endpoint}"

    @contextmanager
    def daemon(self, **settings: object) -> Iterator["Daemon"]:
        """`steersman run`, in a process of its own."""
        port = free_ports(1)[0]
        environment = {
            "HOME_STORE": self.home,
            "UNIT_STORE": self.unit_store,
            "OWNER": "bench",
            "FLEET": self.cloud_url,
            "GCE_PROJECT": "bench",
            "GCE_ENDPOINT": self.cloud_url,
            "GCE_CREDENTIALS": "anonymous",
            "LISTEN": f"127.0.0.1:{port}",
            "ACTIONS_PER_HOUR": "100000",
            "LOG_LEVEL": "warning",
            **{name.upper(): str(value) for name, value in settings.items()},
        }
        named = {f"STEERSMAN_{name}": value for name, value in environment.items()}
        command = (PYTHON, "-m", "steersman", "run")
        process = Process(command, self.directory / "daemon.log", named)
        try:
            yield Daemon(process, f"http://127.0.0.1:{port}")
        finally:
            process.stop()


@dataclass(frozen=True)
class Daemon:
    process: Process
    url: str


@contextmanager
def town(directory: Path, *, quick: bool) -> Iterator[Town]:
    """A real etcd, and the cloud of the bench."""
    port = free_ports(1)[0]
    url = f"http://127.0.0.1:{port}"
    command = (PYTHON, "-m", "tests.bench.cloud", "--port", str(port), *["--quick"] * quick)
    with running_etcd(directory) as etcd:
        cloud = Process(command, directory / "cloud.log")
        try:
            until(lambda: answers(f"{url}/puts") is not None, 30, cloud)
            yield Town(directory, etcd, url)
        finally:
            cloud.stop()


def answers(url: str) -> bytes | None:
    """None: nobody is there yet, or not ready."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            body: bytes = answer.read()
            return body
    except (urllib.error.URLError, OSError):
        return None


def until(condition: Callable[[], bool], seconds: float, alive: Process) -> None:
    """TimeoutError after that long; RuntimeError when the process that is to do it dies."""
    deadline = time.monotonic() + seconds
    while not condition():
        alive.check()
        if time.monotonic() > deadline:
            msg = f"not so after {seconds:g} s"
            raise TimeoutError(msg)
        time.sleep(POLL_SECONDS)


def imported_rss_mib(*modules: str) -> float:
    """The resident size of a Python that has imported these."""
    code = f"import {', '.join(modules)}; print(open('/proc/self/statm').read())"
    told = subprocess.run([PYTHON, "-c", code], capture_output=True, check=True, text=True)
    return int(told.stdout.split()[1]) * PAGE_MIB
