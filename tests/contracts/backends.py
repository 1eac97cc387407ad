"""The stores that keep the contract, and how to do to each what the contract is about."""

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Protocol

from localcloud.clock import ScaledClock
from localcloud.etcd.model import EtcdModel
from steersman.clients.etcd2 import Etcd2Store
from steersman.clients.etcd3 import Etcd3Store
from steersman.model.ports import Store
from tests.simulation.adapters_store import ModelStore
from tests.support.etcd import EtcdServer

IDLE_SECONDS = 0.5
_V2_HISTORY_EVENTS = 1000


class Backend(Protocol):
    def open(self) -> Store: ...

    async def crash(self) -> None: ...

    async def recover(self) -> None: ...

    async def start_over(self) -> None:
        """Recover from a crash without any data."""
        ...

    async def forget_history(self) -> None:
        """Whatever happened until now cannot be watched any more."""
        ...

    async def remove_tree(self, prefix: str) -> None:
        """What a person does with `rm --recursive`."""
        ...


class _RealBackend:
    def __init__(self, server: EtcdServer) -> None:
        self._server = server

    async def crash(self) -> None:
        await asyncio.to_thread(self._server.kill)

    async def recover(self) -> None:
        await asyncio.to_thread(self._server.start)

    async def start_over(self) -> None:
        await asyncio.to_thread(self._server.wipe)
        await self.recover()

    async def _send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return await asyncio.to_thread(self._server.send, method, path, body)


class Etcd3Backend(_RealBackend):
    def open(self) -> Store:
        return Etcd3Store([self._server.endpoint], watch_idle_seconds=IDLE_SECONDS)

    async def forget_history(self) -> None:
        anything = await self._send("POST", "/v3/kv/range", {"key": b64encode(b"/").decode()})
        revision = anything["header"]["revision"]
        await self._send("POST", "/v3/kv/compaction", {"revision": revision})

    async def remove_tree(self, prefix: str) -> None:
        start, end = prefix.encode(), prefix.encode()[:-1] + b"0"  # the character after the slash
        keys = {"key": b64encode(start).decode(), "range_end": b64encode(end).decode()}
        await self._send("POST", "/v3/kv/deleterange", keys)


class Etcd2Backend(_RealBackend):
    def open(self) -> Store:
        return Etcd2Store([self._server.endpoint], poll_seconds=IDLE_SECONDS)

    async def forget_history(self) -> None:
        store = self.open()
        for _ in range(_V2_HISTORY_EVENTS + 1):
            await store.put("/elsewhere", b"")
        await store.close()

    async def remove_tree(self, prefix: str) -> None:
        await self._send("DELETE", f"/v2/keys{prefix.rstrip('/')}?recursive=true")


class ModelBackend:
    def __init__(self) -> None:
        self._clock = ScaledClock()
        self._model = EtcdModel(self._clock)

    def open(self) -> Store:
        return ModelStore(
            self._model, self._clock, latency_seconds=0.002, idle_seconds=IDLE_SECONDS
        )

    async def crash(self) -> None:
        self._model.go_down()

    async def recover(self) -> None:
        self._model.come_back()

    async def start_over(self) -> None:
        self._model.load(EtcdModel(self._clock).dump())
        self._model.come_back()

    async def forget_history(self) -> None:
        self._model.compact(self._model.revision)

    async def remove_tree(self, prefix: str) -> None:
        self._model.delete_prefix(prefix)
