"""The stores that keep the contract, and how to do to each what the contract is about."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from localcloud.clock import ScaledClock
from localcloud.etcd.model import EtcdModel
from steersman.clients.etcd2 import Etcd2Store
from steersman.clients.etcd3 import Etcd3Store
from steersman.clients.etcd_access import Access
from steersman.model.ports import Store
from tests.contracts.matrix import Cell
from tests.simulation.adapters_store import ModelStore
from tests.support.certificates import Authority
from tests.support.etcd import EtcdServer
from tests.support.etcd_cluster import EtcdCluster
from tests.support.etcd_users import (
    PASSWORD,
    USERNAME,
    secure_v2,
    secure_v3,
    v2_root_send,
    v3_range,
    v3_root_token,
)
from tests.support.following import answered

IDLE_SECONDS = 0.5
PAGE_KEYS = 20
TOKEN_SECONDS = 2
PREFIX = "/contract-"  # of everything that the store's user may touch
ELSEWHERE = "/elsewhere-"  # of what others write
REQUEST_TIMEOUT_SECONDS = 10.0  # on a busy machine a password of v2 alone takes seconds
# Members that get no time on a busy machine do not take their leader for dead.
_PATIENCE = ("--heartbeat-interval", "300", "--election-timeout", "3000")
_TOKEN_OPTIONS = ("--auth-token-ttl", str(TOKEN_SECONDS), "--bcrypt-cost", "4")
_V2_HISTORY_EVENTS = 1000
_EMPTY, _BACKUP = "empty", "backup"  # copies of the data


class Backend(Protocol):
    def open(self) -> Store: ...

    async def crash(self) -> None:
        """The member in use dies."""
        ...

    async def black_out(self) -> None:
        """Every member dies."""
        ...

    async def recover(self) -> None: ...

    async def start_over(self) -> None:
        """All data is lost."""
        ...

    async def back_up(self) -> None: ...

    async def restore(self) -> None:
        """What happened since the backup never was."""
        ...

    async def forget_history(self) -> None:
        """Whatever happened until now cannot be watched any more."""
        ...

    async def remove_tree(self, prefix: str) -> None:
        """What a person does with `rm --recursive`."""
        ...

    async def write_elsewhere(self, count: int) -> None:
        """Changes that are none of the business of any watch here."""
        ...


@dataclass(frozen=True, slots=True)
class Deployment:
    """A real etcd as a cell wants it, with what the store and a stranger need to be let in."""

    cell: Cell
    cluster: EtcdCluster
    access: Access
    foreign: Access

    def prepare(self) -> None:
        """Users are part of the data, so an etcd that lost everything else still knows them."""
        if self.cell.secured:
            secure = secure_v3 if self.cell.api == "v3" else secure_v2
            secure(self.cluster, PREFIX, ELSEWHERE)
        self.cluster.back_up(_EMPTY)


@contextmanager
def deployed(cell: Cell, directory: Path) -> Iterator[Deployment]:
    deployment = _deployment(cell, directory)
    deployment.cluster.start()
    try:
        deployment.prepare()
        yield deployment
    finally:
        deployment.cluster.kill()


def _deployment(cell: Cell, directory: Path) -> Deployment:
    if not cell.secured:
        cluster = EtcdCluster(directory, cell.nodes, *_PATIENCE)
        return Deployment(cell, cluster, Access(), Access())
    authority = Authority(directory)
    options = (*_PATIENCE, *_TOKEN_OPTIONS)
    cluster = EtcdCluster(directory, cell.nodes, *options, tls=authority.server())
    client = authority.client()
    guest = Access(client.ca, client.cert, client.key)
    us = replace(guest, username=USERNAME, password=PASSWORD)
    return Deployment(cell, cluster, us, us if cell.api == "v3" else guest)


class RealBackend(ABC):
    """What both APIs of etcd have in common."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.cluster = deployment.cluster
        self._in_use = 0

    def open(self) -> Store:
        return self.open_at(*self.cluster.endpoints)

    @abstractmethod
    def open_at(self, *endpoints: str, access: Access | None = None) -> Store: ...

    async def crash(self) -> None:
        """A store uses its endpoints in turn, so the next one is in use from now on."""
        member = self.cluster.members[self._in_use]
        self._in_use = (self._in_use + 1) % len(self.cluster.members)
        await asyncio.to_thread(member.kill)

    async def crash_all_but(self, survivor: EtcdServer) -> None:
        for member in self.cluster.members:
            if member is not survivor:
                await asyncio.to_thread(member.kill)

    async def black_out(self) -> None:
        await asyncio.to_thread(self.cluster.kill)

    async def recover(self) -> None:
        await asyncio.to_thread(self.cluster.start)

    async def start_over(self) -> None:
        await asyncio.to_thread(self.cluster.restore, _EMPTY)

    async def back_up(self) -> None:
        await asyncio.to_thread(self.cluster.back_up, _BACKUP)

    async def restore(self) -> None:
        await asyncio.to_thread(self.cluster.restore, _BACKUP)

    async def write_elsewhere(self, count: int) -> None:
        stranger = self.open_at(*self.cluster.endpoints, access=self.deployment.foreign)
        for _ in range(count):
            await answered(lambda: stranger.put(ELSEWHERE + "a/b", b""))
        await stranger.close()


class Etcd3Backend(RealBackend):
    def open_at(self, *endpoints: str, access: Access | None = None) -> Store:
        return Etcd3Store(
            endpoints,
            access or self.deployment.access,
            request_timeout_seconds=REQUEST_TIMEOUT_SECONDS,
            watch_idle_seconds=IDLE_SECONDS,
            page_keys=PAGE_KEYS,
        )

    async def forget_history(self) -> None:
        anything = await self.send("/v3/kv/range", v3_range(PREFIX) | {"limit": 1})
        await self.send("/v3/kv/compaction", {"revision": anything["header"]["revision"]})

    async def remove_tree(self, prefix: str) -> None:
        await self.send("/v3/kv/deleterange", v3_range(prefix))

    async def revoke(self, key: str) -> None:
        """The lease of a key ends, and the key with it."""
        found = await self.send("/v3/kv/range", v3_range(key))
        await self.send("/v3/lease/revoke", {"ID": found["kvs"][0]["lease"]})

    async def no_space(self, *, alarm: bool) -> None:
        action = "ACTIVATE" if alarm else "DEACTIVATE"
        await self.send("/v3/maintenance/alarm", {"action": action, "alarm": "NOSPACE"})

    async def send(self, path: str, body: Mapping[str, Any]) -> Any:
        return await asyncio.to_thread(self._send, path, body)

    def _send(self, path: str, body: Mapping[str, Any]) -> Any:
        token = v3_root_token(self.cluster) if self.deployment.cell.secured else ""
        return self.cluster.send("POST", path, body, token)


class Etcd2Backend(RealBackend):
    def open_at(self, *endpoints: str, access: Access | None = None) -> Store:
        return Etcd2Store(
            endpoints,
            access or self.deployment.access,
            request_timeout_seconds=REQUEST_TIMEOUT_SECONDS,
            poll_seconds=IDLE_SECONDS,
        )

    async def forget_history(self) -> None:
        await self.write_elsewhere(_V2_HISTORY_EVENTS + 1)

    async def remove_tree(self, prefix: str) -> None:
        await self.send("DELETE", f"/v2/keys{prefix.rstrip('/')}?recursive=true")

    async def expire_directory(self, prefix: str, after_seconds: int) -> None:
        terms = f"dir=true&prevExist=true&ttl={after_seconds}"
        await self.send("PUT", f"/v2/keys{prefix.rstrip('/')}?{terms}")

    async def refresh_elsewhere(self, count: int) -> None:
        """What keeps somebody's claim alive, and is told to nobody."""
        stranger = self.open_at(*self.cluster.endpoints, access=self.deployment.foreign)
        await stranger.list(ELSEWHERE + "a/")
        revision: int | None = await stranger.put(ELSEWHERE + "a/b", b"", ttl_seconds=60)
        for _ in range(count):
            assert revision is not None
            revision = await stranger.refresh(ELSEWHERE + "a/b", 60, revision)
        await stranger.close()

    async def send(self, method: str, path: str) -> Any:
        return await asyncio.to_thread(v2_root_send, self.cluster, method, path)


def real_backend(deployment: Deployment) -> Etcd3Backend | Etcd2Backend:
    return Etcd3Backend(deployment) if deployment.cell.api == "v3" else Etcd2Backend(deployment)


class ModelBackend:
    def __init__(self) -> None:
        self._clock = ScaledClock()
        self._model = EtcdModel(self._clock)
        self._backup = self._model.dump()

    def open(self) -> Store:
        return ModelStore(
            self._model, self._clock, latency_seconds=0.002, idle_seconds=IDLE_SECONDS
        )

    async def crash(self) -> None:
        self._model.go_down()

    async def black_out(self) -> None:
        self._model.go_down()

    async def recover(self) -> None:
        self._model.come_back()

    async def start_over(self) -> None:
        self._model.go_down()
        self._model.load(EtcdModel(self._clock).dump())
        self._model.come_back()

    async def back_up(self) -> None:
        self._backup = self._model.dump()

    async def restore(self) -> None:
        self._model.go_down()
        self._model.load(self._backup)
        self._model.come_back()

    async def forget_history(self) -> None:
        self._model.compact(self._model.revision)

    async def remove_tree(self, prefix: str) -> None:
        self._model.delete_prefix(prefix)

    async def write_elsewhere(self, count: int) -> None:
        store = self.open()
        for _ in range(count):
            await store.put(ELSEWHERE + "a/b", b"")
