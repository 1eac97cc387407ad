"""The model of etcd: keys with revisions and TTLs, and the history of their changes."""

from base64 import b64decode, b64encode
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from localcloud.clock import Clock
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

HISTORY_EVENTS = 100_000


class EtcdModel:
    """`listeners` are called after every change, and may only note that there is news.

    History is kept up to `history_events`; what is older counts as compacted.
    """

    def __init__(self, clock: Clock, history_events: int = HISTORY_EVENTS) -> None:
        self.revision = 1
        self.breaks = 0  # so many times every connection broke
        self.listeners: list[Callable[[], None]] = []
        self._clock = clock
        self._history_events = history_events
        self._entries: dict[str, Entry] = {}
        self._expiring: set[str] = set()
        self._history: list[Event] = []
        self._compacted = 0
        self._down = False
        self._full = False
        self._replies_to_lose = 0

    # Reading

    def get(self, key: str) -> Entry | None:
        self._arrive()
        return self._entries.get(key)

    def peek(self, key: str) -> Entry | None:
        """What stands there now: no request, so that it works while nobody answers, too."""
        entry = self._entries.get(key)
        due = entry.expires_at if entry else None
        return None if due is not None and due <= self._clock.now() else entry

    def under(self, prefix: str) -> tuple[int, list[Entry]]:
        """The revision, and the entries in the order of their keys."""
        self._arrive()
        keys = sorted(key for key in self._entries if key.startswith(prefix))
        return self.revision, [self._entries[key] for key in keys]

    def changes(self, prefix: str, after: int) -> tuple[int, list[Event]]:
        """The revision, and what happened under a prefix after another one."""
        self._arrive()
        if after < self._compacted or after > self.revision:
            message = f"{after} is not in the history from {self._compacted} to {self.revision}"
            raise CompactedError(message)
        news = self._history[self._place(after) :]
        return self.revision, [event for event in news if event.key.startswith(prefix)]

    # Writing

    def put(
        self, key: str, value: bytes, ttl_seconds: float | None = None, guard: Guard | None = None
    ) -> int:
        """Without a TTL, the key has none from now on."""
        self._arrive(guard, adds=True)
        return self._write(key, value, ttl_seconds)

    def create(
        self, key: str, value: bytes, ttl_seconds: float | None = None, guard: Guard | None = None
    ) -> int | None:
        self._arrive(guard, adds=True)
        if key in self._entries:
            return None
        return self._write(key, value, ttl_seconds)

    def swap(
        self,
        key: str,
        value: bytes,
        revision: int,
        ttl_seconds: float | None = None,
        guard: Guard | None = None,
    ) -> int | None:
        self._arrive(guard, adds=True)
        if not self._is_at(key, revision):
            return None
        return self._write(key, value, ttl_seconds)

    def delete(self, key: str, revision: int, guard: Guard | None = None) -> bool:
        self._arrive(guard)
        if not self._is_at(key, revision):
            return False
        self._remove(key)
        self._reply()
        return True

    def delete_prefix(self, prefix: str) -> None:
        """What a person does with `rm --recursive`, in as many revisions as there are keys."""
        for entry in self.under(prefix)[1]:
            self._remove(entry.key)

    def refresh(self, key: str, ttl_seconds: float, revision: int) -> int | None:
        """No event, no new revision: only the time starts anew."""
        self._arrive()
        if not self._is_at(key, revision):
            return None
        self._keep(replace(self._entries[key], expires_at=self._expiry(ttl_seconds)))
        self._reply()
        return revision

    def compact(self, revision: int) -> None:
        """Forget the history up to a revision."""
        del self._history[: self._place(revision)]
        self._compacted = max(self._compacted, revision)

    # Faults

    def go_down(self) -> None:
        """From now on nobody answers, and every connection breaks."""
        self._down = True
        self.breaks += 1

    def come_back(self) -> None:
        self._down = False
        self._tell()

    def fill_up(self) -> None:
        """The quota of space is used up: nothing can be added, not even if it would not have come
        to be; leases are kept, keys are read and removed."""
        self._full = True

    def make_room(self) -> None:
        self._full = False

    def lose_replies(self, count: int) -> None:
        """So many next writes are applied, but their answers get lost."""
        self._replies_to_lose = count

    # The agenda

    def tick(self) -> None:
        now = self._clock.now()
        due = [(at, key) for key in self._expiring if (at := self._expiry_of(key)) <= now]
        for _, key in sorted(due):
            self._remove(key)

    def next_due(self) -> float | None:
        return min(map(self._expiry_of, self._expiring), default=None)

    def dump(self) -> dict[str, Any]:
        """A backup: the keys as they are, without the history."""
        entries = [
            asdict(entry) | {"value": b64encode(entry.value).decode()}
            for entry in self._entries.values()
        ]
        return {"revision": self.revision, "entries": entries}

    def load(self, state: dict[str, Any]) -> None:
        """Restoring an old backup makes the revision go back."""
        self._entries, self._expiring, self._history = {}, set(), []
        for raw in state["entries"]:
            self._keep(Entry(**raw | {"value": b64decode(raw["value"])}))
        self.revision = self._compacted = state["revision"]
        self._tell()

    # Inside

    def _arrive(self, guard: Guard | None = None, *, adds: bool = False) -> None:
        """A request comes in: what is due by now has happened before it."""
        if self._down:
            raise DownError
        self.tick()
        if adds and self._full:
            raise FullError
        if guard is not None and not self._holds(guard):
            raise GuardError(guard.key)

    def _holds(self, guard: Guard) -> bool:
        entry = self._entries.get(guard.key)
        return entry is not None and entry.created == guard.created

    def _is_at(self, key: str, revision: int) -> bool:
        entry = self._entries.get(key)
        return entry is not None and entry.modified == revision

    def _expiry(self, ttl_seconds: float | None) -> float | None:
        return None if ttl_seconds is None else self._clock.now() + ttl_seconds

    def _write(self, key: str, value: bytes, ttl_seconds: float | None) -> int:
        before = self._entries.get(key)
        revision = self.revision + 1
        created = revision if before is None else before.created
        entry = Entry(key, value, created, revision, self._expiry(ttl_seconds))
        self._keep(entry)
        self._record(Event(revision, key, entry))
        self._reply()
        return revision

    def _keep(self, entry: Entry) -> None:
        self._entries[entry.key] = entry
        if entry.expires_at is None:
            self._expiring.discard(entry.key)
        else:
            self._expiring.add(entry.key)

    def _expiry_of(self, key: str) -> float:
        expires_at = self._entries[key].expires_at
        assert expires_at is not None, "only keys with a TTL are in `_expiring`"
        return expires_at

    def _remove(self, key: str) -> None:
        del self._entries[key]
        self._expiring.discard(key)
        self._record(Event(self.revision + 1, key, None))

    def _record(self, event: Event) -> None:
        self.revision = event.revision
        self._history.append(event)
        if len(self._history) > self._history_events:
            self.compact(self._history[0].revision)
        self._tell()

    def _place(self, revision: int) -> int:
        """Where in the history the events after a revision begin."""
        return bisect_right(self._history, revision, key=lambda event: event.revision)

    def _reply(self) -> None:
        if self._replies_to_lose > 0:
            self._replies_to_lose -= 1
            raise LostReplyError

    def _tell(self) -> None:
        for listener in tuple(self.listeners):
            listener()
