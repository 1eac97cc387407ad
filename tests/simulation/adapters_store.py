"""The model of etcd behind the Store port, for asyncio on any event loop, virtual time included."""

import asyncio
import math
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar

from localcloud.clock import Clock
from localcloud.etcd.model import EtcdModel
from localcloud.etcd.records import (
    CompactedError,
    DownError,
    Entry,
    Event,
    FullError,
    Guard,
    GuardError,
    LostReplyError,
)
from steersman.model.errors import (
    ErrorClass,
    FencedError,
    OutsideError,
    UnreachableError,
    WatchLostError,
)
from steersman.model.ports import Batch, Change, Fence, Item, Listing
from tests.simulation.network import Line, ReplyLostError, Way, Write

_P = ParamSpec("_P")
_T = TypeVar("_T")

IDLE_SECONDS = 5.0  # after so much silence a watch says that it is alive
_SHORTEST_WAIT_SECONDS = 0.001  # a difference of two clock readings may be too small to pass


class ModelStore:
    """Each request goes over `line`, so that a caller that gives up does not know what became of
    it. `clock` is the model's."""

    def __init__(
        self,
        model: EtcdModel,
        clock: Clock,
        *,
        latency_seconds: float = 0.0,
        idle_seconds: float = IDLE_SECONDS,
        line: Line | None = None,
    ) -> None:
        self._model = model
        self._clock = clock
        self._line = line or Line("anybody", "etcd", Way(latency_seconds))
        self._idle_seconds = idle_seconds
        self._watchers: list[asyncio.Event] = []
        self._closed = False

    async def list(self, prefix: str) -> Listing:
        revision, entries = await self._ask(None, self._model.under, prefix)
        return Listing(revision, tuple(map(_item, entries)))

    async def get(self, key: str) -> Item | None:
        entry = await self._ask(None, self._model.get, key)
        return None if entry is None else _item(entry)

    async def put(
        self, key: str, value: bytes, *, ttl_seconds: int | None = None, fence: Fence | None = None
    ) -> int:
        write = self._write("put", key, value)
        return await self._ask(write, self._model.put, key, value, ttl_seconds, _guard(fence))

    async def put_all(self, values: Mapping[str, bytes], *, fence: Fence | None = None) -> None:
        for key, value in values.items():
            await self.put(key, value, fence=fence)

    async def create(
        self, key: str, value: bytes, *, ttl_seconds: int | None = None, fence: Fence | None = None
    ) -> int | None:
        write = self._write("create", key, value)
        return await self._ask(write, self._model.create, key, value, ttl_seconds, _guard(fence))

    async def compare_and_swap(
        self,
        key: str,
        value: bytes,
        revision: int,
        *,
        ttl_seconds: int | None = None,
        fence: Fence | None = None,
    ) -> int | None:
        write, guard = self._write("swap", key, value), _guard(fence)
        return await self._ask(write, self._model.swap, key, value, revision, ttl_seconds, guard)

    async def compare_and_delete(
        self, key: str, revision: int, *, fence: Fence | None = None
    ) -> bool:
        write = self._write("delete", key)
        return await self._ask(write, self._model.delete, key, revision, _guard(fence))

    async def refresh(self, key: str, ttl_seconds: int, revision: int) -> int | None:
        write = self._write("refresh", key)
        return await self._ask(write, self._model.refresh, key, ttl_seconds, revision)

    async def watch(self, prefix: str, after: int) -> AsyncGenerator[Batch, None]:
        now = asyncio.get_running_loop().time
        seen, speak_at = after, now()  # at once, to say that the watch stands
        breaks, resumed = self._model.breaks, False
        with self._woken() as news:
            while not self._closed:
                news.clear()
                batch = await self._look(prefix, seen)
                if batch is None:
                    resumed = True
                    await _wait(news, self._idle_seconds)
                    continue
                resumed, breaks = resumed or breaks != self._model.breaks, self._model.breaks
                seen = batch.revision
                if batch.changes or resumed or now() >= speak_at:
                    speak_at = now() + self._idle_seconds
                    yield replace(batch, resumed=resumed)
                    resumed = False
                await _wait(news, min(speak_at - now(), self._until_expiry()))

    async def close(self) -> None:
        self._closed = True
        for news in self._watchers:
            news.set()

    def _write(self, action: str, key: str, value: bytes = b"") -> Write:
        return Write(self._line.system, action, key, value.decode(errors="replace"))

    async def _ask(
        self,
        write: Write | None,
        request: Callable[_P, _T],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _T:
        if self._closed:
            raise UnreachableError("the store is closed", applied=False)
        return await self._line.carry(lambda: _answered(request, *args, **kwargs), write)

    @contextmanager
    def _woken(self) -> Iterator[asyncio.Event]:
        """An event that is set when something happens in the model, or to this store."""
        news = asyncio.Event()
        self._watchers.append(news)
        self._model.listeners.append(news.set)
        try:
            yield news
        finally:
            self._model.listeners.remove(news.set)
            self._watchers.remove(news)

    async def _look(self, prefix: str, after: int) -> Batch | None:
        """None: nobody answers."""
        try:
            revision, events = await self._ask(None, self._model.changes, prefix, after)
        except UnreachableError:
            return None
        return Batch(revision, tuple(map(_change, events)))

    def _until_expiry(self) -> float:
        due = self._model.next_due()
        return math.inf if due is None else due - self._clock.now()


def _answered(request: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """What the model answers, its errors in the words of the port."""
    try:
        return request(*args, **kwargs)
    except DownError as error:
        raise UnreachableError("the store is down") from error
    except FullError as error:
        message = "the store has no space left"
        raise OutsideError(ErrorClass.QUOTA, "RESOURCE_EXHAUSTED", message) from error
    except LostReplyError as error:
        raise ReplyLostError from error
    except GuardError as error:
        raise FencedError(str(error)) from error
    except CompactedError as error:
        raise WatchLostError(str(error)) from error


async def _wait(news: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(max(seconds, _SHORTEST_WAIT_SECONDS)):
            await news.wait()
    except TimeoutError:
        pass  # the watch looks, whether there is something or not


def _guard(fence: Fence | None) -> Guard | None:
    return None if fence is None else Guard(fence.key, fence.created)


def _item(entry: Entry) -> Item:
    at = entry.expires_at
    return Item(
        key=entry.key,
        value=entry.value,
        revision=entry.modified,
        created=entry.created,
        expires_at=None if at is None else datetime.fromtimestamp(at, UTC),
    )


def _change(event: Event) -> Change:
    return Change(event.key, None if event.entry is None else _item(event.entry))
