"""What kinds tell of their own: the members of each resource."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from prometheus_client.metrics_core import GaugeMetricFamily

from steersman.model.kind import Gauge
from steersman.model.resource import Key
from steersman.telemetry.scrape.sight import Failed, Sight, Values, gauge, readable


def families(sight: Sight, failed: Failed) -> Iterator[GaugeMetricFamily]:
    for name, kind in sight.kinds.items():
        keys = [key for key in sight.told if key.kind == name]
        for each in kind.gauges:
            values = _values(readable(keys, partial(_read, each, sight), failed))
            yield gauge(each.name, each.what, each.labels, values)


def _read(told: Gauge, sight: Sight, key: Key) -> Mapping[tuple[str, ...], float]:
    return told.read(sight.world.resources[key], sight.world, sight.now)


def _values(read: Iterable[tuple[Key, Mapping[tuple[str, ...], float]]]) -> Values:
    for key, values in read:
        yield from (((key.name, *words), value) for words, value in values.items())
