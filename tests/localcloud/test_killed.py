"""A cloud that is killed right after an answer has at its next start what it acknowledged."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.localcloud.command import Cloud, stop
from tests.support.etcd import EtcdServer

TIMEOUT_SECONDS = 30.0
KILLS = 3
DISKS = "/compute/v1/projects/p/zones/europe-west1-b/disks"
OPERATIONS = "/compute/v1/projects/p/zones/europe-west1-b/operations"
REQUEST = "?requestId=6f1d3a52-0000-4000-8000-000000000001"


class Town:
    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    @contextmanager
    def until_killed(self) -> Iterator[None]:
        process = self.cloud.start()
        try:
            yield
        finally:
            stop(process, signal.SIGKILL)

    def ask(self, method: str, port: int, path: str, body: Any = None) -> tuple[int, Any]:
        sent = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        url = f"http://127.0.0.1:{port}{path}"
        request = Request(url, data=sent, headers=headers, method=method)
        try:
            with urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
                return answer.status, json.load(answer)
        except HTTPError as refusal:
            with refusal:
                return refusal.code, json.load(refusal)

    def journal(self) -> list[tuple[str, str]]:
        lines = self.cloud.run("journal", "-o", "json").stdout.splitlines()
        return [(entry["action"], entry["result"]) for entry in map(json.loads, lines)]


@pytest.fixture
def town(tmp_path: Path, etcd_server: EtcdServer) -> Town:
    return Town(Cloud(tmp_path / "cloud", f"http://{etcd_server.endpoint}"))


def test_a_write_survives_a_kill_with_its_operation_and_its_request_id(town: Town) -> None:
    begun = []
    for _ in range(KILLS):
        with town.until_killed():
            status, operation = town.ask("POST", town.cloud.gce, DISKS + REQUEST, {"name": "d"})
            assert status == 200
            begun.append(operation["name"])
    assert begun == [begun[0]] * KILLS
    with town.until_killed():
        assert town.ask("GET", town.cloud.gce, f"{DISKS}/d")[0] == 200
        assert town.ask("GET", town.cloud.gce, f"{OPERATIONS}/{begun[0]}")[0] == 200
        assert town.journal() == [("insert", "200")] * KILLS


def test_a_fault_survives_a_kill(town: Town) -> None:
    with town.until_killed():
        assert town.cloud.run("fault", "quota", "FIREWALLS", "0").returncode == 0
    with town.until_killed():
        firewall = {"name": "f", "allowed": [{"IPProtocol": "icmp"}]}
        path = "/compute/v1/projects/p/global/firewalls"
        assert town.ask("POST", town.cloud.gce, path, firewall)[0] == 403
        assert town.journal()[0] == ("quota", "ok")
