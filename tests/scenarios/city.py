"""A city for several daemons: a real etcd, a local cloud, and daemons that are started, stopped and
cut off one by one, each with its own way to the outside."""

import asyncio
import base64
import http.client
import json
import os
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from steersman.local.places import Marks, claim_network
from tests.scenarios.looking import REQUEST_SECONDS, get_json
from tests.scenarios.processes import LEASE_SECONDS, OPERATOR, Daemon, Process
from tests.support.etcd import EtcdServer, free_ports
from tests.support.proxy import relayed

START_SECONDS = 90.0
WAIT_SECONDS = 180.0
POLL_SECONDS = 0.05
SPEED = "4"  # of the cloud's clock
SERVICES = "/services/elasticsearch"


class City:
    """Everything outside of the daemons. What asks it runs in threads: the relays go on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._marks = Marks()
        self._network = claim_network(folder, self._marks)  # two cities on one would meet
        self._etcd = EtcdServer(folder)
        gce, fleet, control = free_ports(3)
        self._systems = {
            "home": self._etcd.endpoint,
            "keys": self._etcd.endpoint,
            "gce": f"127.0.0.1:{gce}",
            "fleet": f"127.0.0.1:{fleet}",
        }
        self._control = f"http://127.0.0.1:{control}"
        options = {
            "state-dir": str(folder / "cloud"),
            "gce-port": str(gce),
            "fleet-port": str(fleet),
            "control-port": str(control),
            "etcd-url": f"http://{self._etcd.endpoint}",
            "network": self._network,
            "speed": SPEED,
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        command = [sys.executable, "-m", "localcloud", "serve", *words]
        self._cloud = Process(folder / "cloud.log", command, {})
        self._seen: dict[str, int] = {}  # lines of the journal, and the revision of registrations

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        with self._marks:
            await asyncio.to_thread(self._etcd.start)
            try:
                self._cloud.start()
                control = f"{self._control}/v1/version"
                await self.until(lambda: bool(get_json(control)), START_SECONDS)
                yield
            finally:
                self._cloud.end()
                self._etcd.stop()

    @asynccontextmanager
    async def daemon(
        self, name: str, *, clock_shift_seconds: float = 0, lease_seconds: int = LEASE_SECONDS
    ) -> AsyncIterator[Daemon]:
        async with (
            relayed(self._systems["home"]) as home,
            relayed(self._systems["keys"]) as keys,
            relayed(self._systems["gce"]) as gce,
            relayed(self._systems["fleet"]) as fleet,
        ):
            ways = {"home": home, "keys": keys, "gce": gce, "fleet": fleet}
            daemon = Daemon(self._folder, name, ways, clock_shift_seconds, lease_seconds)
            daemon.start()
            try:
                yield daemon
            finally:
                await asyncio.to_thread(daemon.end)

    # what people do

    async def apply(self, path: Path) -> None:
        """With the command, as somebody at a desk."""
        words = (sys.executable, "-m", "steersman", "apply", "-f", str(path))
        home = {"STEERSMAN_HOME_STORE": f"etcd3://{self._etcd.endpoint}"}
        env = {**os.environ, "PYTHONPATH": OPERATOR, **home}
        process = await asyncio.create_subprocess_exec(*words, env=env)
        async with asyncio.timeout(WAIT_SECONDS):
            assert await process.wait() == 0

    async def put(self, key: str, value: object) -> None:
        """With etcdctl."""
        body = {"key": _encoded(key), "value": _encoded(json.dumps(value))}
        await asyncio.to_thread(self._etcd.send, "POST", "/v3/kv/put", body)

    async def fault(self, kind: str, **arguments: object) -> None:
        url, body = f"{self._control}/v1/faults/{kind}", json.dumps(arguments).encode()
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
        await asyncio.to_thread(_ask, request)

    def freeze_stores(self) -> None:
        """etcd hangs: it keeps its connections and says nothing, until `thaw_stores`."""
        self._etcd.freeze()

    def thaw_stores(self) -> None:
        self._etcd.thaw()

    async def unregister(self, number: int) -> None:
        """The node at an address of the network, with the etcdctl of the post."""
        address = IPv4Network(self._network)[number]
        await asyncio.to_thread(self._etcd.send, "DELETE", f"/v2/keys{SERVICES}/{address}")

    # what is seen

    async def look(self, read: Callable[[], Any]) -> Any:
        return await asyncio.to_thread(read)

    def value(self, key: str) -> Any:
        """The JSON at a key of home; None where there is none."""
        found = self._etcd.send("POST", "/v3/kv/range", {"key": _encoded(key)})
        return json.loads(_decoded(found["kvs"][0]["value"])) if "kvs" in found else None

    def under(self, prefix: str) -> dict[str, Any]:
        body = {"key": _encoded(prefix), "range_end": _encoded(prefix[:-1] + chr(ord("/") + 1))}
        found = self._etcd.send("POST", "/v3/kv/range", body)
        return {_decoded(each["key"]): json.loads(_decoded(each["value"])) for each in
                found.get("kvs", ())}  # fmt: skip

    def registrations(self) -> dict[str, int]:
        """Addresses, and when each was written first."""
        top = self._etcd.send("GET", f"/v2/keys{SERVICES}")["node"]
        return {
            node["key"].rpartition("/")[2]: int(node["createdIndex"])
            for node in top.get("nodes", ())
        }

    def leader(self) -> str | None:
        held = self.value("/steersman/leader")
        return str(held["identity"]) if held else None

    def ready(self, ref: str) -> bool:
        status = self.value(f"/status/{ref}") or {"conditions": []}
        told = {each["type"]: each["status"] for each in status["conditions"]}
        return told.get("Ready") == "True"

    def events(self) -> list[Any]:
        return [event for _, event in sorted(self.under("/steersman/events/").items())]

    def journal(self) -> list[Any]:
        with urllib.request.urlopen(f"{self._control}/v1/journal", timeout=REQUEST_SECONDS) as told:
            return [json.loads(line) for line in told.read().splitlines()]

    def instances(self) -> dict[str, str]:
        """The ids of what exists, by name."""
        found = get_json(f"{self._control}/v1/state")["instances"]
        return {each["name"]: str(each["id"]) for each in found}

    def writes(self, action: str) -> list[str]:
        """The names of what was written so by daemons, each as often as it was written."""
        return sorted(_name(each) for each in self._ours() if each["action"] == action)

    def remember(self) -> None:
        """What was done up to now does not count."""
        self._seen = {"journal": len(self._ours()), "keys": max(self.registrations().values())}

    def done(self, system: str) -> list[str]:
        """What daemons had a system do, in order, since `remember`."""
        new = (each for each in self._ours()[self._seen["journal"] :] if each["system"] == system)
        return [f"{each['action']} {_name(each)}" for each in new]

    def registered(self) -> list[str]:
        """Who was registered anew, since `remember`, by the number of the address."""
        since = self._seen["keys"]
        new = (ip for ip, created in self.registrations().items() if created > since)
        return [f"set {ip.rpartition('.')[2]}" for ip in new]

    def _ours(self) -> list[Any]:
        return [each for each in self.journal() if each["caller"].startswith("steersman/")]

    async def until(self, condition: Callable[[], bool], seconds: float = WAIT_SECONDS) -> float:
        """How long it took. TimeoutError: longer. Whoever does not answer is asked again."""
        began = time.monotonic()
        try:
            await self._look_until(condition, seconds)
        except TimeoutError as error:
            raise TimeoutError(await asyncio.to_thread(self.told)) from error
        return time.monotonic() - began

    async def _look_until(self, condition: Callable[[], bool], seconds: float) -> None:
        async with asyncio.timeout(seconds):
            while not await asyncio.to_thread(_holds, condition):  # noqa: ASYNC110 - others act
                await asyncio.sleep(POLL_SECONDS)

    def told(self) -> str:
        """What there is instead of what was awaited."""
        writes = [
            f"{each['system']} {each['action']} {_name(each)} {each['result']}"
            for each in self._ours()
        ]
        lines = [f"{each['actor']}: {each['reason']} {each['message']}" for each in self.events()]
        intents = [
            f"intent {key} {each}" for key, each in self.under("/steersman/intents/").items()
        ]
        return "\n".join((f"leader {self.leader()}", *writes, *lines, *intents))


def _name(entry: Mapping[str, Any]) -> str:
    return str(entry["target"]).rpartition("/")[2]


def _holds(condition: Callable[[], bool]) -> bool:
    try:
        return condition()
    except (OSError, http.client.HTTPException):
        return False


def _ask(request: urllib.request.Request) -> bytes:
    with urllib.request.urlopen(request, timeout=REQUEST_SECONDS) as answer:
        found: bytes = answer.read()
        return found


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _decoded(text: str) -> str:
    return base64.b64decode(text).decode()
