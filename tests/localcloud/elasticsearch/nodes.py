"""Nodes behind their sockets on loopback, on a clock that a test moves."""

from random import Random
from typing import Any

import aiohttp

from localcloud.clock import ManualClock
from localcloud.elasticsearch.listeners import Listeners
from localcloud.elasticsearch.model import Elasticsearch
from localcloud.elasticsearch.node import NodeSpec
from localcloud.journal import Journal
from tests.support.etcd import free_ports

FIRST, SECOND = "127.91.7.1", "127.91.7.2"
REQUEST_TIMEOUT_SECONDS = 30.0
WHOLE = aiohttp.ClientTimeout(total=REQUEST_TIMEOUT_SECONDS)


class Nodes:
    """Two nodes of one cluster, unless a test makes it otherwise."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.clock = ManualClock()
        self.model = Elasticsearch(self.clock, Random(5))
        self.writes = 0
        self.journal = Journal()
        self.listeners = Listeners(self.model, self.journal, self._count)
        self.http_port, self.transport_port = free_ports(2)
        self._session = session

    def _count(self) -> None:
        self.writes += 1

    def start(self, ip: str, name: str, **options: Any) -> str:
        return self.model.start(
            NodeSpec(
                ip=ip,
                name=name,
                publish_ip=ip,
                cluster_name="es-prod",
                http_port=self.http_port,
                transport_port=self.transport_port,
                hosts=(f"{FIRST}:{self.transport_port}",),
                **options,
            )
        )

    async def after(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.model.tick()
        await self.listeners.follow()

    async def ask(
        self,
        path: str,
        ip: str = FIRST,
        method: str = "GET",
        body: Any = None,
        timeout: aiohttp.ClientTimeout | None = None,
    ) -> tuple[int, Any]:
        url = f"http://{ip}:{self.http_port}{path}"
        async with self._session.request(
            method, url, json=body, timeout=timeout or WHOLE
        ) as response:
            is_json = response.content_type == "application/json"
            return response.status, (await response.json() if is_json else await response.text())
