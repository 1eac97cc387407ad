"""The daemon as a process, with both stores on one etcd and no cloud; and its API."""

import json
import os
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from tests.support.etcd import EtcdServer, free_ports

PROGRAM = Path(sys.executable).parent / "steersman"
START_SECONDS = 120.0
PATIENCE_SECONDS = 90.0
STOP_SECONDS = 60.0
COMMAND_SECONDS = 120.0
REQUEST_SECONDS = 30.0
POLL_SECONDS = 0.02


class LiveDaemon:
    """What a person sees of it, and what they put into its stores, byte for byte."""

    def __init__(self, etcd: EtcdServer, port: int, env: Mapping[str, str]) -> None:
        self._etcd = etcd
        self._api = f"http://127.0.0.1:{port}"
        self._env = {**env, "STEERSMAN_API": self._api}

    def steersman(self, *args: str) -> "subprocess.CompletedProcess[str]":
        """A command beside it, with the addresses of the same stores."""
        command = [str(PROGRAM), *args]
        return subprocess.run(
            command, env=self._env, timeout=COMMAND_SECONDS, capture_output=True, text=True
        )

    def put(self, store: str, key: str, body: bytes) -> int:
        """The status of the store's answer."""
        try:
            return self._put_v3(key, body) if store == "home" else self._put_v2(key, body)
        except HTTPError as error:
            return error.code

    def remove(self, store: str, key: str) -> None:
        if store == "home":
            self._etcd.send("POST", "/v3/kv/deleterange", {"key": _coded(key.encode())})
            return
        request = urllib.request.Request(self._v2(key), method="DELETE")
        with urllib.request.urlopen(request, timeout=REQUEST_SECONDS):
            pass

    def value(self, store: str, key: str) -> bytes | None:
        if store == "home":
            found = self._etcd.send("POST", "/v3/kv/range", {"key": _coded(key.encode())})
            return b64decode(found["kvs"][0]["value"]) if "kvs" in found else None
        try:
            return str(self._etcd.send("GET", f"/v2/keys{key}")["node"]["value"]).encode()
        except HTTPError:
            return None

    def healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self._api}/healthz", timeout=REQUEST_SECONDS) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def metrics(self) -> str:
        with urllib.request.urlopen(f"{self._api}/metrics", timeout=REQUEST_SECONDS) as answer:
            return str(answer.read().decode())

    def told_of(self, key: str) -> str | None:
        """What the daemon has against a key below /desired."""
        with urllib.request.urlopen(f"{self._api}/api/v1/resources", timeout=REQUEST_SECONDS) as it:
            rejected: list[dict[str, Any]] = json.load(it)["rejected"]
        return next(
            (each["message"] for each in rejected if each["key"] == f"/desired/{key}"), None
        )

    def _put_v3(self, key: str, body: bytes) -> int:
        self._etcd.send("POST", "/v3/kv/put", {"key": _coded(key.encode()), "value": _coded(body)})
        return 200

    def _put_v2(self, key: str, body: bytes) -> int:
        form = urllib.parse.urlencode({"value": body}).encode()
        request = urllib.request.Request(self._v2(key), data=form, method="PUT")
        with urllib.request.urlopen(request, timeout=REQUEST_SECONDS) as answer:
            return int(answer.status)

    def _v2(self, key: str) -> str:
        return f"http://{self._etcd.endpoint}/v2/keys{urllib.parse.quote(key)}"


@contextmanager
def live_daemon(etcd: EtcdServer, directory: Path) -> Iterator[LiveDaemon]:
    (port,) = free_ports(1)
    settings = {
        "STEERSMAN_OWNER": "tests",
        "STEERSMAN_HOME_STORE": f"etcd3://{etcd.endpoint}",
        "STEERSMAN_UNIT_STORE": f"etcd2://{etcd.endpoint}",
        "STEERSMAN_LISTEN": f"127.0.0.1:{port}",
        "STEERSMAN_ACTIONS_PER_HOUR": "100000",  # many documents become good within a minute
    }
    others = {name: each for name, each in os.environ.items() if not name.startswith("STEERSMAN_")}
    env = {**others, **settings}
    with (directory / "daemon.log").open("wb") as log:
        process = subprocess.Popen([PROGRAM, "run"], env=env, stdout=log, stderr=log)
    try:
        daemon = LiveDaemon(etcd, port, env)
        until(daemon.healthy, START_SECONDS)
        yield daemon
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def until(what: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """TimeoutError: it did not come true."""
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(POLL_SECONDS)


def _coded(value: bytes) -> str:
    return b64encode(value).decode()
