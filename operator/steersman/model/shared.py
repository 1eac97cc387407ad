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
        bucket = self._bucket(key)
        return self._with(key, {**bucket, key: value}, grown=key not in bucket)

    def without(self, key: K) -> "Shared[K, V]":
        bucket = self._bucket(key)
        if key not in bucket:
            return self
        left = {other: value for other, value in bucket.items() if other != key}
        return self._with(key, left, grown=-1)

    def differing(self, other: "Shared[K, V]") -> frozenset[K]:
        """The keys that do not stand for the same in both."""
        return frozenset(
            key
            for one, another in zip(self._buckets, other._buckets, strict=True)
            if one is not another
            for key in one.keys() | another.keys()
            if one.get(key) != another.get(key)
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

    def _with(self, key: K, bucket: Mapping[K, V], *, grown: int) -> "Shared[K, V]":
        at = hash(key) % BUCKETS
        changed: Shared[K, V] = Shared.__new__(Shared)
        changed._buckets = (*self._buckets[:at], bucket, *self._buckets[at + 1 :])
        changed._size = self._size + grown
        return changed


class _Items(ItemsView[K, V]):
    _mapping: Shared[K, V]

    def __iter__(self) -> Iterator[tuple[K, V]]:
        return chain.from_iterable(bucket.items() for bucket in self._mapping._buckets)


class _Values(ValuesView[V]):
    _mapping: Shared[Hashable, V]

    def __iter__(self) -> Iterator[V]:
        return chain.from_iterable(bucket.values() for bucket in self._mapping._buckets)
