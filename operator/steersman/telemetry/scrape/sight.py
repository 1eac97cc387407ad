"""What a scrape looks at, and which resources get series of their own."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, islice, takewhile
from typing import TypeVar

from prometheus_client.metrics_core import GaugeMetricFamily

from steersman.model.kind import Group, Kinds
from steersman.model.resource import Key
from steersman.model.status import Status
from steersman.model.world import World

SOURCES = ("home", "unit", "compute", "fleet", "keys", "elasticsearch")
CONDITION_STATES = ("True", "False", "Unknown")
SERIES_MAX = 10_000  # of any metric whose labels are names that documents choose

T = TypeVar("T")

Failed = Callable[[Key, Exception], None]
Values = Iterable[tuple[tuple[str, ...], float]]


@dataclass(frozen=True, slots=True)
class Pulse:
    """Whether a source answers, and how long ago it did last."""

    up: bool
    age_seconds: float | None


@dataclass(frozen=True, slots=True)
class Sight:
    """`statuses` are those of the resources in force, `told` those of them that get series of
    their own. `group` tells of a document how many members may be away, and which are."""

    world: World
    now: datetime
    kinds: Kinds
    pulses: Mapping[str, Pulse]
    group: Callable[[Key], Group | None]
    statuses: Mapping[Key, Status]
    told: tuple[Key, ...]

    @classmethod
    def of(
        cls,
        world: World,
        now: datetime,
        kinds: Kinds,
        pulses: Mapping[str, Pulse],
        group: Callable[[Key], Group | None],
    ) -> "Sight":
        statuses = {key: each for key, each in world.statuses.items() if key in world.resources}
        return cls(world, now, kinds, pulses, group, statuses, chosen(statuses))


def chosen(statuses: Mapping[Key, Status]) -> tuple[Key, ...]:
    """As many as their conditions leave room for: who is not Ready before who is, and alike many
    of each kind, so that no kind hides another."""
    ranked = [key for *_, key in sorted(_ranked(statuses))]
    sizes = accumulate(len(statuses[key].conditions) * len(CONDITION_STATES) for key in ranked)
    fitting = takewhile(lambda each: each[1] <= SERIES_MAX, zip(ranked, sizes, strict=True))
    return tuple(key for key, _ in fitting)


def readable(
    keys: Iterable[Key], read: Callable[[Key], T], failed: Failed
) -> Iterator[tuple[Key, T]]:
    """What a kind says of each key. A mistake in one of them hides no other."""
    for key in keys:
        try:
            value = read(key)
        except Exception as error:  # who is told of it logs it
            failed(key, error)
        else:
            yield key, value


def gauge(name: str, what: str, labels: tuple[str, ...], values: Values) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, what, labels=labels)
    for words, value in islice(values, SERIES_MAX):
        family.add_metric(words, value)
    return family


def _ranked(statuses: Mapping[Key, Status]) -> Iterator[tuple[bool, int, Key]]:
    places: dict[tuple[bool, str], int] = {}
    for key in sorted(statuses, key=lambda each: each.name):
        ready = statuses[key].holds("Ready")
        place = places[ready, key.kind] = places.get((ready, key.kind), 0) + 1
        yield ready, place, key
