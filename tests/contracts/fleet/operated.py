"""A real fleet under the daemon, and what people type beside it."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.contracts.fleet.cluster import Cluster
from tests.contracts.fleet.real import RealMachines
from tests.contracts.fleet.texts import ALONE, WEB
from tests.support.etcd import free_ports

COMMAND_SECONDS = 60.0
REQUEST_SECONDS = 20.0
STOP_SECONDS = 60.0
OPERATOR = str(Path(__file__).parents[3] / "operator")
THREE = WEB[:3]
HEALTHY_SECONDS = 3  # from one unit of an edit to the next
WEB_SPEC = {
    "name": "web@.service",
    "instances": len(THREE),
    "rollout": {"maxUnavailable": 1, "minHealthySeconds": HEALTHY_SECONDS},
    "restart": {"maxRestarts": 0},  # on a busy machine fleet may take longer than is patient
    "content": ALONE,
}
WRITE = re.compile(r"HTTP (PUT|DELETE|PATCH) /fleet/v1/units/(\S+)")


class Operated(Cluster):
    def __init__(self, machines: RealMachines, folder: Path) -> None:
        super().__init__(machines)
        self._real = machines
        self._folder = folder
        self._url = f"127.0.0.1:{free_ports(1)[0]}"
        self._env = {
            **os.environ,
            "PYTHONPATH": OPERATOR,
            "STEERSMAN_OWNER": "tests",
            "STEERSMAN_HOME_STORE": f"etcd3://{machines.etcd.endpoint}",
            "STEERSMAN_UNIT_STORE": f"etcd2://{machines.etcd.endpoint}",
            "STEERSMAN_FLEET": machines.endpoints,
            "STEERSMAN_FLEET_INTERVAL_SECONDS": "1",
            "STEERSMAN_LISTEN": self._url,
        }
        self._before: Counter[str] = Counter()

    @contextmanager
    def daemon(self) -> Iterator[None]:
        with (self._folder / "daemon.log").open("wb") as log:
            daemon = subprocess.Popen(
                _words("run"), env=self._env, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            yield
        finally:
            daemon.send_signal(signal.SIGTERM)
            try:
                daemon.wait(STOP_SECONDS)
            finally:
                daemon.kill()

    def apply(self, name: str, spec: Mapping[str, Any]) -> None:
        document = {"kind": "unit", "metadata": {"name": name}, "spec": spec}
        self._run("apply", "-f", "-", given=json.dumps(document))

    def remove(self, name: str) -> None:
        self._run("delete", f"unit/{name}")

    def until_ready(self) -> None:
        self.until(lambda: self.documents() != {} and all(self.documents().values()))

    def documents(self) -> dict[str, bool]:
        """By name, whether it is ready, and its document is in force."""
        with urllib.request.urlopen(
            f"http://{self._url}/api/v1/resources", timeout=REQUEST_SECONDS
        ) as answer:
            items = json.load(answer)["items"]
        return {each["metadata"]["name"]: _ready(each["status"]) for each in items}

    # what fleet was asked to change, by the word of the fleetds themselves

    def forget_writes(self) -> None:
        self._before = self._writes()

    def writes(self) -> dict[str, int]:
        """Since they were forgotten: `PUT a.service`, and how often."""
        return dict(self._writes() - self._before)

    def _writes(self) -> Counter[str]:
        logs = (machine.log.read_text() for machine in self._real.machines.values())
        return Counter(f"{method} {unit}" for log in logs for method, unit in WRITE.findall(log))

    def _run(self, *words: str, given: str | None = None) -> None:
        done = subprocess.run(
            _words(*words),
            input=given,
            env=self._env,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def _words(*words: str) -> list[str]:
    return [sys.executable, "-m", "steersman", *words]


def _ready(status: Mapping[str, Any]) -> bool:
    """One that nobody has looked at yet has no conditions."""
    told = {each["type"]: each["status"] for each in status.get("conditions", ())}
    return (told.get("Ready"), told.get("Drifted")) == ("True", "False")
