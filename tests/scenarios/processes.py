"""The processes of a city, and its daemons: each has its own way to every system outside."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.scenarios.looking import REQUEST_SECONDS, get_json
from tests.support.etcd import free_ports
from tests.support.proxy import Proxy

LEASE_SECONDS = 10
RETRY_SECONDS = 1.0
STOP_SECONDS = 15.0
OPERATOR = str(Path(__file__).parents[2] / "operator")
SETTINGS = {
    "STEERSMAN_OWNER": "tests",
    "STEERSMAN_GCE_PROJECT": "tests",
    "STEERSMAN_GCE_CREDENTIALS": "anonymous",
    "STEERSMAN_RENEW_DEADLINE_SECONDS": "7",
    "STEERSMAN_LEASE_RETRY_SECONDS": str(RETRY_SECONDS),
    "STEERSMAN_CALL_LEAST_SECONDS": "1",
    "STEERSMAN_COMPUTE_INTERVAL_SECONDS": "2",
    "STEERSMAN_FLEET_INTERVAL_SECONDS": "1",
    "STEERSMAN_ELASTICSEARCH_INTERVAL_SECONDS": "2",
    "STEERSMAN_ELASTICSEARCH_QUALIFY_INTERVAL_SECONDS": "1",
}
# A daemon whose wall clock is off, as nobody notices before it matters.
SHIFTED = """
import sys
from datetime import UTC, datetime, timedelta
from steersman.app.daemon import SystemClock
from steersman.cli.main import app
shift = timedelta(seconds=float(sys.argv.pop(1)))
SystemClock.now = lambda self: datetime.now(UTC) + shift
app()
"""


class Process:
    """A program of ours; its output is kept in a file."""

    def __init__(self, log: Path, words: Sequence[str], env: Mapping[str, str]) -> None:
        self._log, self._words = log, words
        self._env = {**os.environ, "PYTHONPATH": OPERATOR, **env}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._words, stdout=log, stderr=log, env=self._env)

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    @property
    def ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def told(self) -> str:
        return self._log.read_text(errors="replace")[-4000:]

    def end(self) -> None:
        """However the test went."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.kill()
        self._process.wait(STOP_SECONDS)


class Daemon(Process):
    """`home`, `keys`, `gce` and `fleet` are its own ways to the outside, each a relay."""

    def __init__(
        self,
        folder: Path,
        name: str,
        ways: Mapping[str, Proxy],
        clock_shift_seconds: float,
        lease_seconds: int,
    ) -> None:
        self.name, self.ways = name, ways
        port = free_ports(1)[0]
        self.url = f"http://127.0.0.1:{port}"
        env = {
            **SETTINGS,
            "STEERSMAN_IDENTITY": name,
            "STEERSMAN_LEASE_SECONDS": str(lease_seconds),
            "STEERSMAN_LISTEN": f"127.0.0.1:{port}",
            "STEERSMAN_HOME_STORE": f"etcd3://{ways['home'].endpoint}",
            "STEERSMAN_UNIT_STORE": f"etcd2://{ways['keys'].endpoint}",
            "STEERSMAN_GCE_ENDPOINT": f"http://{ways['gce'].endpoint}",
            "STEERSMAN_FLEET": f"http://{ways['fleet'].endpoint}",
        }
        words = [sys.executable, "-c", SHIFTED, str(clock_shift_seconds), "run"]
        super().__init__(folder / f"{name}.log", words, env)

    def ready(self) -> tuple[int, set[str]]:
        """The answer of /readyz: its code, and which sources are not well."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=REQUEST_SECONDS) as answer:
                code, body = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            code, body = error.code, error.read()
        return code, {each["name"] for each in json.loads(body)["checks"] if not each["ok"]}

    def api(self, path: str) -> Any:
        return get_json(f"{self.url}/api/v1/{path}")
