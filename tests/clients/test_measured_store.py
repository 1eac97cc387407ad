"""A measured store: every call is counted under its word, and watches tell how they go on."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from localcloud.etcd.model import EtcdModel
from steersman.clients.measured_store import MeasuredStore
from steersman.engine.home.fenced import FencedStore
from steersman.model.errors import (
    ErrorClass,
    FencedError,
    OutsideError,
    UnreachableError,
    WatchLostError,
)
from steersman.model.ports import Batch, Fence, Item, Store
from tests.simulation.adapters_store import ModelStore

TIMEOUT_SECONDS = 10.0
KEY = "/d/a"


class Clock:
    def now(self) -> float:
        return 0.0


@dataclass
class Notes:
    """Who is told."""

    requests: list[tuple[str, str, str, bool]] = field(default_factory=list)
    progress: list[tuple[str, str, int]] = field(default_factory=list)
    restarts: list[tuple[str, str]] = field(default_factory=list)

    def request(
        self, backend: str, method: str, code: str, seconds: float, throttled: bool
    ) -> None:
        assert seconds >= 0
        self.requests.append((backend, method, code, throttled))

    def watched(self, source: str, prefix: str, revision: int, at: float) -> None:
        assert at > 0
        self.progress.append((source, prefix, revision))

    def rewatched(self, source: str, reason: str) -> None:
        self.restarts.append((source, reason))


class Broken(ModelStore):
    """A store that fails in one way."""

    def __init__(self, error: Exception) -> None:
        super().__init__(EtcdModel(Clock()), Clock())
        self._error = error

    async def get(self, key: str) -> Item | None:
        raise self._error

    async def watch(self, prefix: str, after: int) -> AsyncGenerator[Batch, None]:
        yield Batch(after + 1)
        raise self._error


def plain() -> ModelStore:
    return ModelStore(EtcdModel(Clock()), Clock())


def measured() -> tuple[MeasuredStore, Notes]:
    notes = Notes()
    return MeasuredStore(plain(), "home", notes), notes


CALLS: list[tuple[str, Callable[[Store], Awaitable[object]]]] = [
    ("list", lambda store: store.list("/d/")),
    ("get", lambda store: store.get(KEY)),
    ("put", lambda store: store.put(KEY, b"x")),
    ("put_all", lambda store: store.put_all({KEY: b"x"})),
    ("create", lambda store: store.create(KEY, b"x")),
    ("compare_and_swap", lambda store: store.compare_and_swap(KEY, b"x", 1)),
    ("compare_and_delete", lambda store: store.compare_and_delete(KEY, 1)),
    ("refresh", lambda store: store.refresh(KEY, 10, 1)),
]


@pytest.mark.parametrize(("word", "call"), CALLS, ids=[word for word, _ in CALLS])
async def test_a_call_is_answered_as_without_measuring_and_counted(
    word: str, call: Callable[[Store], Awaitable[object]]
) -> None:
    (store, notes), other = measured(), plain()
    for each in (store, other):
        await each.put(KEY, b"before", ttl_seconds=60)
    notes.requests.clear()
    assert await call(store) == await call(other)
    assert await store.list("/") == await other.list("/")
    assert notes.requests == [("home", word, "ok", False), ("home", "list", "ok", False)]


ERRORS = [
    pytest.param(
        UnreachableError("gone", code="UNAVAILABLE"), "UNAVAILABLE", False, id="no answer"
    ),
    pytest.param(
        OutsideError(ErrorClass.THROTTLED, "RESOURCE_EXHAUSTED", "too many requests"),
        "RESOURCE_EXHAUSTED",
        True,
        id="throttled",
    ),
    pytest.param(FencedError("another leads"), "fenced", False, id="fenced"),
    pytest.param(asyncio.CancelledError(), "cancelled", False, id="given up by who asked"),
]


@pytest.mark.parametrize(("error", "code", "throttled"), ERRORS)
async def test_a_call_that_fails_is_counted_by_the_word_of_its_error(
    error: Exception, code: str, throttled: bool
) -> None:
    notes = Notes()
    with pytest.raises(type(error)):
        await MeasuredStore(Broken(error), "home", notes).get(KEY)
    assert notes.requests == [("home", "get", code, throttled)]


async def test_a_write_under_a_fence_goes_through_with_it() -> None:
    store, notes = measured()
    fenced = FencedStore(store, lambda: Fence("/leader", 7))
    with pytest.raises(FencedError):
        await fenced.put(KEY, b"x")
    assert notes.requests == [("home", "put", "fenced", False)]


async def test_a_watch_tells_how_far_it_is() -> None:
    store, notes = measured()
    revision = await store.put(KEY, b"x")
    async with asyncio.timeout(TIMEOUT_SECONDS):
        async for batch in store.watch("/d/", revision - 1):
            if batch.changes:
                break
    assert notes.progress[-1] == ("home", "/d/", revision)
    assert notes.restarts == []


LOST = [
    pytest.param(WatchLostError("compacted"), "lost", id="what happened since is lost"),
    pytest.param(OutsideError(ErrorClass.DENIED, "403", "no"), "403", id="it is refused"),
]


@pytest.mark.parametrize(("error", "reason"), LOST)
async def test_a_watch_that_ends_is_counted_by_why(error: Exception, reason: str) -> None:
    notes = Notes()
    with pytest.raises(type(error)):
        async for _ in MeasuredStore(Broken(error), "home", notes).watch("/d/", 3):
            pass
    assert notes.progress == [("home", "/d/", 4)]
    assert notes.restarts == [("home", reason)]
