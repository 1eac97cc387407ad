"""The workqueue: each key waits in it once, and is in one worker's hands at a time."""

import asyncio
import heapq
from dataclasses import dataclass
from enum import Enum
from itertools import count
from math import inf
from typing import Generic, Protocol, TypeVar

from steersman.engine.places import Places

K = TypeVar("K")


class Lane(Enum):
    """Why a key waits. The value is for how many seconds it lets others pass that come after it
    and have none to lose: nobody waits for ever, however many edits there are."""

    EDIT = 0.0  # a person changed its document
    HEALTH = 5.0  # what it concerns is not as before, or its time has come
    RESYNC = 60.0  # nothing happened: look again


class Gauges(Protocol):
    """Who is told what happens to the keys, in seconds on the loop's clock."""

    def added(self) -> None: ...
    def taken(self, waited_seconds: float) -> None: ...
    def done(self, worked_seconds: float) -> None: ...


class Unmeasured:
    """Gauges of a queue that nobody looks at."""

    def added(self) -> None:
        pass

    def taken(self, waited_seconds: float) -> None:
        pass

    def done(self, worked_seconds: float) -> None:
        pass


@dataclass(frozen=True, slots=True)
class _Turn:
    """A key in a worker's hands: since when, and when it was due."""

    began: float
    due: float


class WorkQueue(Generic[K]):
    """As client-go's: a key that is added while it is worked on comes back when it is done.

    The key with the earliest due time is next: when it was added, and the patience of its lane.
    A place, such as a system that may hang, has room for so many keys at once, so that not all
    workers are there. Who finds none comes back when there is, and no worker waits meanwhile.
    The queue is bounded by the number of keys that exist: each waits at most once, in at most one
    place a lane, and has at most one timer.
    """

    def __init__(self, room: int, gauges: Gauges | None = None) -> None:
        self._gauges = gauges or Unmeasured()
        self._heap: list[tuple[float, int, K]] = []  # may hold a key again, at an earlier time
        self._due: dict[K, float] = {}
        self._places: Places[K] = Places(room)
        self._turned_away: dict[K, str] = {}  # while they are worked on, from which place
        self._added: dict[K, float] = {}  # since when each wants a worker
        self._again: dict[K, Lane] = {}  # added while they were worked on
        self._working: dict[K, _Turn] = {}
        self._timers: dict[K, asyncio.TimerHandle] = {}
        self._failed: set[K] = set()  # their timer is a retry: only an edit comes before it
        self._closed = False
        self._sequence = count()
        self._arrived = asyncio.Event()

    def __len__(self) -> int:
        return len((self._due.keys() | self._places.waiting) - self._working.keys())

    def working_seconds(self) -> tuple[float, ...]:
        """For how long each of the keys was worked on that are worked on now."""
        now = _now()
        return tuple(now - turn.began for turn in self._working.values())

    def add(self, key: K, lane: Lane = Lane.HEALTH) -> None:
        """A key that waits already may move forward by it, never back."""
        if lane is Lane.EDIT:
            self._forgive(key)
        elif key in self._failed:
            return
        self._want(key)
        if key in self._working:
            self._again[key] = min(lane, self._again.get(key, lane), key=_patience)
        else:
            self._wait(key, self._added[key] + lane.value)

    def add_after(self, key: K, seconds: float) -> None:
        """Add the key later. An earlier timer of the same key wins; the later one is dropped. A
        failed key waits for its retry."""
        timer = self._timers.get(key)
        when = _now() + max(0.0, seconds)
        if key in self._failed or (timer is not None and timer.when() <= when):
            return
        self._set_timer(key, when)

    def retry_after(self, key: K, seconds: float) -> None:
        """The key failed: whatever else happens until then, only an edit brings it back. One that
        waits already has its pass first: when it fails again, it is told again."""
        if key in self._due or self._again.get(key) is Lane.EDIT:
            return
        if self._again.pop(key, None) is not None:
            del self._added[key]
        self._turned_away.pop(key, None)
        self._failed.add(key)
        self._set_timer(key, _now() + seconds)

    async def get(self) -> K:
        """The next key; its worker says `done` when it is through with it."""
        while not self._due:
            self._arrived.clear()
            await self._arrived.wait()
        (key, due), now = self._pop(), _now()
        self._working[key] = _Turn(now, due)
        self._gauges.taken(now - self._added.pop(key))
        return key

    def enter(self, key: K, place: str) -> bool:
        """Whether there is room for a key that is worked on: it is there until it is done. Else it
        comes back, once it is done, as soon as there is."""
        entered = self._places.enter(key, place, self._working[key].due)
        if not entered:
            self._turned_away[key] = place
        return entered

    def done(self, key: K) -> None:
        turn = self._working.pop(key)
        self._gauges.done(_now() - turn.began)
        self._leave(key)
        lane = self._again.pop(key, None)
        if lane is not None:
            self._wait(key, self._added[key] + lane.value)

    def close(self) -> None:
        """Nothing comes back by itself any more."""
        self._closed = True
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _want(self, key: K) -> None:
        if key not in self._added:
            self._added[key] = _now()
            self._gauges.added()

    def _leave(self, key: K) -> None:
        """It goes on waiting for a place that it was just turned away from, and no other."""
        wanted = self._turned_away.pop(key, None)
        for place in self._places.leave(key, but=wanted):
            next_one = self._places.offer(place)
            if next_one is not None and next_one not in self._working:
                self._return(next_one, place)
        if wanted is not None:
            self._return(key, wanted)

    def _return(self, key: K, place: str) -> None:
        """If it has room there by now."""
        due = self._places.room_of(key, place)
        if due is not None:
            self._want(key)
            self._wait(key, due)

    def _wait(self, key: K, due: float) -> None:
        if due >= self._due.get(key, inf):
            return
        self._due[key] = due
        heapq.heappush(self._heap, (due, next(self._sequence), key))
        self._arrived.set()

    def _pop(self) -> tuple[K, float]:
        while True:
            due, _, key = heapq.heappop(self._heap)
            if self._due.get(key) == due:  # else it has moved forward, and was taken from there
                del self._due[key]
                return key, due

    def _set_timer(self, key: K, when: float) -> None:
        self._stop_timer(key)
        if not self._closed:
            self._timers[key] = asyncio.get_running_loop().call_at(when, self._ring, key)

    def _stop_timer(self, key: K) -> None:
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()

    def _forgive(self, key: K) -> None:
        if key in self._failed:
            self._failed.remove(key)
            self._stop_timer(key)

    def _ring(self, key: K) -> None:
        del self._timers[key]
        self._failed.discard(key)
        self.add(key)


def _patience(lane: Lane) -> float:
    return lane.value


def _now() -> float:
    return asyncio.get_running_loop().time()
