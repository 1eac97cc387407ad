"""Keep-alives: what is beaten when, and that a registration outlives trouble with the store."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.etcd.model import EtcdModel
from steersman.clients.etcd2 import Etcd2Store
from steersman.engine.keepalive import CALL_TIMEOUT_SECONDS, ERROR, LOST, OK, KeepAliver, due
from steersman.model.errors import UnreachableError
from steersman.model.kind import KeepAlive
from steersman.model.ports import Item
from tests.engine.town import ModelClock
from tests.simulation.adapters_store import ModelStore
from tests.support.etcd import EtcdServer
from tests.support.virtual import LoopClock, run_virtual

T = TypeVar("T")

KEY = "/services/elasticsearch/10.0.0.1"
VALUE = b'{"http_port": 9200, "transport_port": 9300}'
TTL_SECONDS, PERIOD_SECONDS = 60, 15.0
PATIENCE_SECONDS = 45.0  # of a test that waits for a real etcd: the key is there for longer


def beat_of(key: str = KEY, revision: int = 2, period: float = PERIOD_SECONDS) -> KeepAlive:
    return KeepAlive(key, revision, VALUE.decode(), TTL_SECONDS, period)


DUE = [
    pytest.param({}, 100.0, True, id="what was never beaten is due at once"),
    pytest.param({KEY: 90.0}, 100.0, False, id="what was beaten within its period is not"),
    pytest.param({KEY: 85.0}, 100.0, True, id="what was beaten a period ago is"),
]


@pytest.mark.parametrize(("beaten", "now", "expected"), DUE)
def test_due(beaten: dict[str, float], now: float, expected: bool) -> None:
    assert bool(due((beat_of(),), beaten, now)) is expected


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 200)), st.integers(0, 300))
def test_whoever_waits_longest_is_first(beaten: dict[str, float], now: int) -> None:
    found = due(tuple(map(beat_of, "abcdef")), beaten, now)
    times = [beaten.get(each.key, now - PERIOD_SECONDS) for each in found]

    assert times == sorted(times)
    assert all(now - at >= PERIOD_SECONDS for at in times)


class HangingStore(ModelStore):
    """A store that may stop to answer, its connection open."""

    hangs = False

    async def refresh(self, key: str, ttl_seconds: int, revision: int) -> int | None:
        if self.hangs:
            await asyncio.Event().wait()
        return await super().refresh(key, ttl_seconds, revision)


class RevisingStore(ModelStore):
    """Each refresh gives a new revision, as on etcd v2; and nobody may read."""

    async def refresh(self, key: str, ttl_seconds: int, revision: int) -> int | None:
        return await self.compare_and_swap(key, VALUE, revision, ttl_seconds=ttl_seconds)

    async def get(self, key: str) -> Item | None:
        raise UnreachableError(key)


class Stage:
    """A store on virtual time, the KeepAliver at work on it, and what it reported."""

    def __init__(self, make: type[ModelStore] = HangingStore) -> None:
        clock = LoopClock(asyncio.get_running_loop())
        self.model = EtcdModel(ModelClock(clock))
        self.store = make(self.model, ModelClock(clock))
        self.current: tuple[KeepAlive, ...] = ()
        self.results: list[str] = []
        self.aliver = KeepAliver(self.store, clock, lambda: self.current, self.results.append)

    async def register(self, value: bytes = VALUE, ttl: int | None = TTL_SECONDS) -> None:
        revision = await self.store.put(KEY, value, ttl_seconds=ttl)
        self.current = (beat_of(revision=revision),)

    async def there(self) -> bool:
        return await self.store.get(KEY) is not None


def played(
    story: Callable[[Stage], Coroutine[Any, Any, T]], make: type[ModelStore] = HangingStore
) -> T:
    """Runs a story in virtual time, beside the KeepAliver."""

    async def play() -> T:
        stage = Stage(make)
        running = asyncio.create_task(stage.aliver.run())
        try:
            return await story(stage)
        finally:
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running

    return run_virtual(play())


def test_a_registration_outlives_its_ttl_while_it_is_beaten_and_not_afterwards() -> None:
    async def story(stage: Stage) -> tuple[bool, bool]:
        await stage.register()
        await asyncio.sleep(600)
        beaten = await stage.there()
        stage.current = ()
        await asyncio.sleep(TTL_SECONDS + 1)
        return beaten, await stage.there()

    assert played(story) == (True, False)


def test_a_key_is_beaten_once_a_period() -> None:
    async def story(stage: Stage) -> list[str]:
        await stage.register()
        await asyncio.sleep(10 * PERIOD_SECONDS + 2)
        return stage.results

    assert played(story) == [OK] * 11


def test_a_key_that_is_gone_is_not_brought_back() -> None:
    async def story(stage: Stage) -> tuple[bool, set[str]]:
        await stage.register()
        await asyncio.sleep(2)
        stage.results.clear()
        await stage.store.compare_and_delete(KEY, stage.current[0].revision)
        await asyncio.sleep(2 * PERIOD_SECONDS)
        return await stage.there(), set(stage.results)

    assert played(story) == (False, {LOST})


@pytest.mark.parametrize(
    ("value", "ttl"),
    [
        pytest.param(b"somebody else's", TTL_SECONDS, id="a key with another value is let go"),
        pytest.param(VALUE, None, id="a key that never expires is not given a ttl"),
    ],
)
def test_what_is_no_longer_ours_is_not_beaten(value: bytes, ttl: int | None) -> None:
    async def story(stage: Stage) -> list[str]:
        await stage.register()
        await asyncio.sleep(2)
        stage.results.clear()
        await stage.store.put(KEY, value, ttl_seconds=ttl)
        await asyncio.sleep(PERIOD_SECONDS)
        return stage.results

    assert played(story) == [LOST]


def test_a_rewritten_key_is_beaten_under_its_new_revision() -> None:
    async def story(stage: Stage) -> list[str]:
        await stage.register()
        await asyncio.sleep(2)
        await stage.register()
        await asyncio.sleep(PERIOD_SECONDS)
        return stage.results

    assert played(story) == [OK, OK]


def test_a_refresh_names_the_revision_that_the_one_before_left() -> None:
    async def story(stage: Stage) -> list[str]:
        await stage.register()
        await asyncio.sleep(2 * PERIOD_SECONDS + 2)
        return stage.results

    assert played(story, RevisingStore) == [OK] * 3


def test_a_beat_that_failed_is_repeated_within_a_third_of_the_period() -> None:
    async def story(stage: Stage) -> list[str]:
        await stage.register()
        await asyncio.sleep(2)
        stage.results.clear()
        stage.model.go_down()
        await asyncio.sleep(2 * PERIOD_SECONDS)
        stage.model.come_back()
        failed, stage.results[:] = set(stage.results), []
        await asyncio.sleep(PERIOD_SECONDS / 3 + 1)
        return [*failed, *stage.results]

    assert played(story) == [ERROR, OK]


def test_a_store_that_never_answers_does_not_hold_a_beat_for_ever() -> None:
    async def story(stage: Stage) -> list[str]:
        await stage.register()
        assert isinstance(stage.store, HangingStore)
        stage.store.hangs = True
        await asyncio.sleep(CALL_TIMEOUT_SECONDS + 2)
        return stage.results

    assert played(story) == [ERROR]


async def test_another_daemons_refreshes_on_etcd_v2_do_not_cost_the_registration(
    etcd_server: EtcdServer,
) -> None:
    """There each refresh gives a new revision, and no watch tells of it."""
    store = Etcd2Store([etcd_server.endpoint])
    try:
        key = "/services/takeover/10.0.0.1"
        seen = await store.create(key, VALUE, ttl_seconds=TTL_SECONDS)
        assert seen is not None
        refreshed = await store.refresh(key, TTL_SECONDS, seen)
        assert refreshed not in (None, seen)
        results = await _results(store, beat_of(key, seen, period=0.1), 3)
        assert LOST not in results  # on a busy machine a beat may fail, and is repeated
    finally:
        await store.close()


async def _results(store: Etcd2Store, each: KeepAlive, good: int) -> list[str]:
    """Of all beats, until so many were good, or the key was let go."""
    results: list[str] = []
    enough = asyncio.Event()

    def observe(result: str) -> None:
        results.append(result)
        if results.count(OK) >= good or result == LOST:
            enough.set()

    clock = LoopClock(asyncio.get_running_loop())
    running = asyncio.create_task(
        KeepAliver(store, clock, lambda: (each,), observe).run(), name="keep-alives"
    )
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await enough.wait()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return results
