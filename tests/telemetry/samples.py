"""What a scrape tells, by name and label values."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from steersman.model.kind import Group, Kinds
from steersman.model.resource import Key
from steersman.model.status import Condition, Status
from steersman.model.world import World
from steersman.telemetry.metrics import Metrics
from steersman.telemetry.scrape import Pulse, Sight
from tests.engine.builders import lamp, world
from tests.engine.toy import KINDS

NOW = datetime(2014, 9, 1, 12, 0, tzinfo=UTC)

# by name and label values, in the order of the labels' names
Samples = Mapping[tuple[str, ...], float]


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def status(*conditions: Condition, **fields: Any) -> Status:
    return Status(conditions, **fields)


def ready(value: bool | None = True) -> Condition:
    return Condition.of("Ready", value, "Because")


def drifted(value: bool | None = True, seconds: float = 60) -> Condition:
    said = Condition.of("Drifted", value, "Because")
    return Condition(said.type, said.status, said.reason, since=ago(seconds))


def lamps(**statuses: Status) -> World:
    """Lamps in force with these statuses."""
    return world(
        *map(lamp, statuses), statuses={Key("lamp", name): each for name, each in statuses.items()}
    )


def sight(
    seen: World,
    *,
    pulses: Mapping[str, Pulse] | None = None,
    group: Callable[[Key], Group | None] = lambda _key: None,
    kinds: Kinds = KINDS,
) -> Sight:
    return Sight.of(seen, NOW, kinds, pulses or {}, group)


def scraped(seen: World, metrics: Metrics | None = None, **fields: Any) -> Samples:
    return _samples((metrics or Metrics()).told(sight(seen, **fields)))


def kept(registry: CollectorRegistry) -> Samples:
    """What is told of a part that counts for itself."""
    return _samples(generate_latest(registry))


def named(name: str, samples: Samples) -> Samples:
    return {labels[1:]: value for labels, value in samples.items() if labels[0] == name}


def _samples(text: bytes) -> Samples:
    return {
        (sample.name, *(sample.labels[label] for label in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }
