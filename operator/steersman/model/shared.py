"""A mapping that never changes; a changed copy of it shares all but a small part of it."""

from collections.abc import Hashable, ItemsView, Iterator, Mapping, ValuesView
from itertools import chain
from typing import TypeVar

BUCKETS = 256  # so many parts: with 10,000 entries a change copies forty

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Shared(Mapping[K, V]):
    """For what is large and changes one entry at a time: a change costs what a bucket holds, and
    so does finding out what changed. It has no order."""

    __slots__ = ("_buckets", "_size")

    def __init__(self, entries: Mapping[K, V]) -> None:
        buckets: list[dict[K, V]] = [{} for _ in range(BUCKETS)]
        for key, value in entries.items():
            buckets[hash(key) % BUCKETS][key] = value
        self._buckets: tuple[Mapping[K, V], ...] = tuple(buckets)
        self._size = len(entries)

    @classmethod
    def of(cls, entries: Mapping[K, V]) -> "Shared[K, V]":
        """`entries` themselves, if they are shared already."""
        return entries if isinstance(entries, Shared) else cls(entries)

    def put(self, key: K, value: V) -> "Shared[K, V]":
        return self.updated({key: value})

    def without(self, key: K) -> "Shared[K, V]":
        return self.updated({key: None})

    def updated(self, changes: Mapping[K, V | None]) -> "Shared[K, V]":
        """With these in place of what stood there; None takes a key away."""
        fresh: dict[int, dict[K, V]] = {}
        for key, value in changes.items():
            at = hash(key) % BUCKETS
            if fresh.get(at, self._buckets[at]).get(key) is value:
                continue
            if at not in fresh:
                fresh[at] = {**self._buckets[at]}
            if value is None:
                del fresh[at][key]
            else:
                fresh[at][key] = value
        return self._with(fresh) if fresh else self

    def differing(self, other: "Shared[K, V]") -> frozenset[K]:
        """The keys that do not stand for the same in both."""
        return frozenset(
            key
            for one, another in zip(self._buckets, other._buckets, strict=True)
            if one is not another
            for key in one.keys() | another.keys()
            for value, other_value in ((one.get(key), another.get(key)),)
            if value is not other_value and value != other_value
        )

    def items(self) -> ItemsView[K, V]:
        return _Items(self)

    def values(self) -> ValuesView[V]:
        return _Values(self)

    def __getitem__(self, key: K) -> V:
        return self._bucket(key)[key]

    def __iter__(self) -> Iterator[K]:
        return chain.from_iterable(self._buckets)

    def __len__(self) -> int:
        return self._size

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Shared):
            return self._buckets == other._buckets  # those that are shared are not looked into
        return isinstance(other, Mapping) and dict(self.items()) == dict(other.items())

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Shared({dict(self.items())!r})"

    def _bucket(self, key: K) -> Mapping[K, V]:
        return self._buckets[hash(key) % BUCKETS]

    def _with(self, fresh: Mapping[int, Mapping[K, V]]) -> "Shared[K, V]":
        buckets = [*self._buckets]
        for at, bucket in fresh.items():
            buckets[at] = bucket
        changed: Shared[K, V] = Shared.__new__(Shared)
        changed._buckets = tuple(buckets)
        changed._size = self._size + sum(
            len(bucket) - len(self._buckets[at]) for at, bucket in fresh.items()
        )
        return changed


class _Items(ItemsView[K, V]):
    _mapping: Shared[K, V]

    def __iter__(self) -> Iterator[tuple[K, V]]:
        return chain.from_iterable(bucket.items() for bucket in self._mapping._buckets)


class _Values(ValuesView[V]):
    _mapping: Shared[Hashable, V]

    def __iter__(self) -> Iterator[V]:
        return chain.from_iterable(bucket.values() for bucket in self._mapping._buckets)
