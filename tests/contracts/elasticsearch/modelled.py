"""Nodes of the local cloud behind their sockets, in a thread that moves their clock."""

import asyncio
import threading
from math import inf
from random import Random

from localcloud.clock import ScaledClock
from localcloud.elasticsearch.listeners import Listeners
from localcloud.elasticsearch.model import Elasticsearch
from localcloud.elasticsearch.node import NodeSpec
from localcloud.elasticsearch.timings import Timings
from localcloud.journal import Journal
from tests.contracts.elasticsearch.server import CLUSTER_NAME, HTTP_PORT, NUMBERS, TRANSPORT_PORT

STEP_SECONDS = 0.02
SPEED = 20.0
STOP_SECONDS = 30.0
DETECTION_SECONDS = 60.0  # of the model's time: three of ours


class ModelNodes:
    def __init__(self, version: str, addresses: str) -> None:
        self.version = version
        self.addresses = addresses
        timings = Timings(fault_detection_seconds=DETECTION_SECONDS)
        self._model = Elasticsearch(ScaledClock(SPEED), Random(5), timings)
        self._lock = threading.Lock()
        self._running: dict[int, str] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()

    def start(self, number: int) -> None:
        with self._lock:
            self._running[number] = self._model.start(self._spec(number))

    def running(self, number: int) -> bool:
        return number in self._running

    def kill(self, number: int) -> None:
        with self._lock:
            self._model.stop(self._running.pop(number))

    def pause(self, number: int) -> None:
        with self._lock:
            self._model.mishaps.pause(f"es-{number}", until=inf)

    def resume(self, number: int) -> None:
        with self._lock:
            self._model.mishaps.clear()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(STOP_SECONDS)
        assert not self._thread.is_alive()

    def _spec(self, number: int) -> NodeSpec:
        ip = f"{self.addresses}{number}"
        names = ",".join(f"es-{number}" for number in NUMBERS)
        return NodeSpec(
            ip=ip,
            name=f"es-{number}",
            publish_ip=ip,
            cluster_name=CLUSTER_NAME,
            http_port=HTTP_PORT,
            transport_port=TRANSPORT_PORT,
            hosts=tuple(f"{self.addresses}{each}:{TRANSPORT_PORT}" for each in NUMBERS),
            minimum_master_nodes=2,
            version=self.version,
            settings={
                "cluster.name": CLUSTER_NAME,
                "cluster.initial_master_nodes": names,
                "node.master": "true",
            },
            own_ip="127.0.0.1",  # as on a machine of which it is no container
            disk=f"disk-{number}",
        )

    async def _run(self) -> None:
        listeners = Listeners(self._model, Journal(), lambda: None)
        try:
            while not self._stopping.is_set():
                with self._lock:
                    self._model.tick()
                await listeners.follow()
                await asyncio.sleep(STEP_SECONDS)
        finally:
            await listeners.close()
