"""The commands as a person starts them, a store to look into, and a daemon that says as told."""

import asyncio
import json
import threading
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from typer.testing import CliRunner

from steersman.cli.main import app
from steersman.cli.work.references import scope_named
from steersman.engine.decide import PAUSED
from steersman.engine.home.happened import Wanted
from steersman.model.errors import NotThereError
from steersman.model.resource import Key
from steersman.telemetry.server import api
from tests.support.etcd import EtcdServer

NOBODY = "127.0.0.1:1"  # nothing listens there
START_SECONDS = 60.0
PREFIXES = ("/desired", "/status", "/steersman")
REASONS = {"Paused": PAUSED}


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


def steersman(*args: str, stdin: str | None = None) -> Ended:
    result = CliRunner().invoke(app, list(args), input=stdin, env={"NO_COLOR": "1"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ended(result.exit_code, result.stdout, result.stderr)


@dataclass(frozen=True)
class Etcd:
    """Both stores of one server, seen past the product's own clients."""

    server: EtcdServer

    @property
    def home(self) -> str:
        return f"etcd3://{self.server.endpoint}"

    @property
    def unit(self) -> str:
        return f"etcd2://{self.server.endpoint}"

    def put(self, key: str, value: object) -> None:
        text = value if isinstance(value, str) else json.dumps(value)
        self.server.send("POST", "/v3/kv/put", {"key": _coded(key), "value": _coded(text)})

    def value(self, key: str) -> str | None:
        found = self.server.send("POST", "/v3/kv/range", {"key": _coded(key)}).get("kvs", [])
        return b64decode(found[0]["value"]).decode() if found else None

    def values(self, prefix: str) -> list[str]:
        """The values of all keys under a prefix, in order."""
        keys = {"key": _coded(prefix), "range_end": _coded(prefix[:-1] + "0")}
        found = self.server.send("POST", "/v3/kv/range", keys).get("kvs", [])
        return [b64decode(each["value"]).decode() for each in found]

    def revision(self) -> int:
        found = self.server.send("POST", "/v3/kv/range", {"key": _coded("/")})
        return int(found["header"]["revision"])

    def forget(self) -> None:
        for prefix in PREFIXES:
            keys = {"key": _coded(prefix), "range_end": _coded(prefix + "0")}
            self.server.send("POST", "/v3/kv/deleterange", keys)


def _coded(text: str) -> str:
    return b64encode(text.encode()).decode()


def resource(
    kind: str,
    name: str,
    *,
    ready: str = "True",
    message: str = "",
    summary: dict[str, Any] | None = None,
    waiting: list[dict[str, Any]] | None = None,
    **conditions: tuple[str, str],
) -> dict[str, Any]:
    """As the daemon tells it."""
    told = {
        "Accepted": ("True", ""),
        "Ready": (ready, message),
        "Drifted": ("False" if ready == "True" else "True", "2 fields"),
        **conditions,
    }
    return {
        "apiVersion": "steersman/v1",
        "kind": kind,
        "metadata": {"name": name, "uid": f"uid-of-{name}", "labels": {}, "annotations": {}},
        "spec": {"text": "one\ntwo\n"},
        "status": status("0" * 64, told, summary, waiting),
    }


def status(
    sha256: str,
    conditions: dict[str, tuple[str, str]],
    summary: dict[str, Any] | None = None,
    waiting: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    at = "2014-09-01T12:00:00Z"
    return {
        "observedRevision": {"store": "home", "revision": 7, "sha256": sha256},
        "conditions": [
            {
                "type": type_,
                "status": value,
                "reason": REASONS.get(type_, "Because"),
                "message": message,
                "lastTransitionTime": at,
            }
            for type_, (value, message) in conditions.items()
        ],
        "summary": summary or {},
        "waiting": waiting or [],
    }


def event(
    name: str,
    *,
    time: str = "2014-09-01T12:00:00.000Z",
    action: str | None = None,
    target: str | None = None,
) -> dict[str, Any]:
    return {
        "time": time,
        "id": f"id-of-{name}",
        "kind": "unit",
        "name": name,
        "type": "Normal",
        "action": action,
        "effect": None,
        "target": target,
        "reason": "Because",
        "message": f"something about {name}",
        "outcome": "ok" if action else None,
        "planId": None,
        "actor": "core1",
        "before": None,
        "after": None,
        "reconcileId": None,
    }


@dataclass
class Told:
    """The port Queries: answers what a test puts in."""

    items: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[dict[str, str]] = field(default_factory=list)
    unmanaged: list[dict[str, str]] = field(default_factory=list)
    notices: list[dict[str, Any]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    happened: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)
    complete: bool = True
    supposed: list[Any] = field(default_factory=list)

    def resources(self, kind: str | None = None, name: str | None = None) -> dict[str, Any]:
        found = [each for each in self.items if kind in (None, each["kind"])]
        if name is None:
            return {
                "kind": "List",
                "items": found,
                "rejected": self.rejected,
                "unmanaged": self.unmanaged,
                "notices": self.notices,
            }
        named = [each for each in found if each["metadata"]["name"] == name]
        if not named:
            raise NotThereError(Key(kind or "", name))
        return named[0]

    def plan(self) -> dict[str, Any]:
        observed = dict.fromkeys(("compute", "fleet", "keys", "elasticsearch"))
        return {
            "planId": "7f3a",
            "complete": self.complete,
            "observedAt": observed,
            "steps": self.steps,
            "failed": self.failed,
        }

    def plan_with(self, documents: list[Any]) -> dict[str, Any]:
        self.supposed = documents
        return {**self.plan(), "rejected": self.rejected}

    def why(self, kind: str, name: str) -> list[dict[str, Any]]:
        self.resources(kind, name)
        return [each for each in self.steps if (each["kind"], each["name"]) == (kind, name)]

    async def events(
        self, since: str | None = None, ref: str | None = None
    ) -> list[dict[str, Any]]:
        del since
        return list(filter(Wanted(scope_named(ref or "all")), self.happened))

    def alive(self) -> list[dict[str, Any]]:
        return []

    def ready(self) -> list[dict[str, Any]]:
        silent = {"name": "fleet", "ok": False, "ageSeconds": None, "message": "not heard of yet"}
        return [{"name": "home", "ok": True, "ageSeconds": 3.2, "message": ""}, silent]

    def metrics(self) -> bytes:
        return b""


@contextmanager
def answering(queries: Told) -> Iterator[str]:
    """The daemon's own server over the queries, in a thread; yields its URL."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="daemon")
    thread.start()

    def on_loop(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(START_SECONDS)

    runner = web.AppRunner(api(queries), access_log=None)
    try:
        on_loop(runner.setup())
        on_loop(web.TCPSite(runner, "127.0.0.1", 0).start())
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        on_loop(runner.cleanup())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(START_SECONDS)
        loop.close()


def write(**documents: str) -> None:
    """Into NAME.yaml of the current folder each."""
    for name, text in documents.items():
        Path(f"{name}.yaml").write_text(text)
