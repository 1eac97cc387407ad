"""A cluster of three nodes, es-1 to es-3, that a test asks and hurts: of the model, or real."""

import http.client
import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

CLUSTER_NAME = "es-prod"
NUMBERS = (1, 2, 3)
HTTP_PORT = 9200
TRANSPORT_PORT = 9300
ANSWER_SECONDS = 160.0  # a real node waits as long as it is told to
SETTLED_SECONDS = 240.0  # for a real cluster on a busy machine
LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    type: str | None
    body: Any


class Nodes(Protocol):
    """How nodes are run. `number` is that of the node's name."""

    version: str
    addresses: str  # of the nodes, but for the last digit

    def start(self, number: int) -> None: ...

    def running(self, number: int) -> bool: ...

    def kill(self, number: int) -> None:
        """As with SIGKILL: its connections close, and its data path stays."""
        ...

    def pause(self, number: int) -> None:
        """As with SIGSTOP: its connections stay, and it answers nobody."""
        ...

    def resume(self, number: int) -> None: ...

    def stop(self) -> None: ...


class Cluster:
    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self.version = nodes.version
        self.modern = not nodes.version.startswith("1.")

    # questions

    def address(self, number: int) -> str:
        return f"{self.nodes.addresses}{number}"

    def ask(
        self,
        number: int,
        request: str,
        body: str | None = None,
        content_type: str | None = "application/json",
    ) -> Answer:
        """`request` is `GET /path?query`."""
        method, path = request.split(" ", 1)
        headers = {"Content-Type": content_type} if content_type and body else {}
        connection = http.client.HTTPConnection(
            self.address(number), HTTP_PORT, timeout=ANSWER_SECONDS
        )
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        with suppress(ValueError):
            return Answer(response.status, response.getheader("Content-Type"), json.loads(text))
        return Answer(response.status, response.getheader("Content-Type"), text)

    def local_state(self, number: int) -> dict[str, Any]:
        answer = self.ask(number, "GET /_cluster/state?local=true")
        assert answer.status == 200, answer
        body: dict[str, Any] = answer.body
        return body

    def local_health(self, number: int) -> dict[str, Any]:
        body: dict[str, Any] = self.ask(number, "GET /_cluster/health?local=true").body
        return body

    def names(self, number: int) -> set[str]:
        """The nodes that this one sees."""
        return {node["name"] for node in self.local_state(number)["nodes"].values()}

    def master(self, number: int) -> str | None:
        """The name of the node that this one takes for its master."""
        state = self.local_state(number)
        node = state["nodes"].get(state["master_node"]) if state["master_node"] else None
        return node["name"] if node else None

    def master_number(self) -> int:
        masters = {self.master(number) for number in NUMBERS}
        assert len(masters) == 1
        (name,) = masters
        assert name is not None
        return int(name.removeprefix("es-"))

    def nodes_by_shard(self, index: str) -> list[str | None]:
        """The names of the nodes that hold active copies; None for a copy that nobody has."""
        state = self.local_state(self.master_number())
        names = {node_id: node["name"] for node_id, node in state["nodes"].items()}
        shards = state["routing_table"]["indices"][index]["shards"].values()
        return [
            names.get(copy["node"]) if copy["state"] == "STARTED" else None
            for copies in shards
            for copy in copies
        ]

    # changes

    def change_settings(self, number: int, **scopes: dict[str, Any]) -> Answer:
        return self.ask(number, "PUT /_cluster/settings", json.dumps(scopes))

    def index(self, name: str, *, shards: int, replicas: int) -> None:
        settings = {"settings": {"number_of_shards": shards, "number_of_replicas": replicas}}
        answer = self.ask(self.master_number(), f"PUT /{name}", json.dumps(settings))
        assert answer.status == 200, answer
        self.until(lambda: self.local_health(self.master_number())["status"] == "green")

    def put_document(self, number: int, index: str, document_id: str) -> Answer:
        type_ = "_doc" if self.modern else "doc"
        path = f"/{index}/{type_}/{document_id}?refresh=true"
        return self.ask(number, f"PUT {path}", '{"a": 1}')

    def repair(self) -> None:
        """Every node runs, and they are one cluster without indices or settings of its own."""
        for number in NUMBERS:
            self.nodes.resume(number)
            if not self.nodes.running(number):
                self.nodes.start(number)
        self.until(self._whole)
        master = self.master_number()
        state = self.local_state(master)
        for index in state["metadata"]["indices"]:
            self.ask(master, f"DELETE /{index}")
        self.until(lambda: not self.local_state(master)["metadata"]["indices"])

    def _whole(self) -> bool:
        everybody = {f"es-{number}" for number in NUMBERS}
        return (
            all(self.names(number) == everybody for number in NUMBERS)
            and len({self.master(number) for number in NUMBERS}) == 1
            and self.master(1) is not None
        )

    def until(self, condition: Callable[[], bool], seconds: float = SETTLED_SECONDS) -> None:
        """Fails when the condition has not come true in time; a node that does not answer, or
        only refuses, has not made it true."""
        deadline = time.monotonic() + seconds
        while not _true(condition):
            assert time.monotonic() < deadline, condition
            time.sleep(LOOK_SECONDS)


def _true(condition: Callable[[], bool]) -> bool:
    try:
        return condition()
    except (OSError, http.client.HTTPException, KeyError, AssertionError):
        return False
