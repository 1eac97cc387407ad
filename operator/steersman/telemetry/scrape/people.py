"""What waits for people: pauses that they made, requests that cannot be used, and holds."""

import math
from collections import Counter
from collections.abc import Iterator

from prometheus_client.metrics_core import GaugeMetricFamily

from steersman.model.requests import Request, Scope, Verb, asking
from steersman.telemetry.scrape.sight import SOURCES, Sight, gauge

SCOPES = ("all", "kind", "resource", "member")


def paused(sight: Sight) -> GaugeMetricFamily:
    counted = Counter(_width(each.scope) for each in _pauses(sight))
    return gauge(
        "steersman_paused",
        "Pauses in force, by how much they hold.",
        ("scope",),
        (((scope,), counted[scope]) for scope in SCOPES),
    )


def pause_expiry(sight: Sight) -> GaugeMetricFamily:
    ends: dict[str, float] = {}
    for each in _pauses(sight):
        end = each.until.timestamp() if each.until else math.inf
        scope = _width(each.scope)
        ends[scope] = max(end, ends.get(scope, end))
    return gauge(
        "steersman_pause_expiry_timestamp_seconds",
        "When the last pause of that scope ends; +Inf: somebody has to end it.",
        ("scope",),
        (((scope,), end) for scope, end in ends.items()),
    )


def refused(sight: Sight) -> GaugeMetricFamily:
    count = len(sight.world.refused)
    return gauge("steersman_requests_refused", "Requests that cannot be used.", (), [((), count)])


def holds(sight: Sight) -> GaugeMetricFamily:
    """One that a person has acknowledged holds nothing."""
    world, now = sight.world, sight.now
    seen = {each.hold for each in asking(world.requests, Verb.ACKNOWLEDGE, now)}
    open_ones = (each for name, each in world.holds.items() if name not in seen)
    counted = Counter(each.source for each in open_ones if each.in_force(now))
    return gauge(
        "steersman_holds",
        "Losses too large to be believed, by the source that shows them.",
        ("source",),
        (((source,), counted[source]) for source in SOURCES),
    )


FAMILIES = (paused, pause_expiry, refused, holds)


def _pauses(sight: Sight) -> Iterator[Request]:
    yield from asking(sight.world.requests, Verb.PAUSE, sight.now)


def _width(scope: Scope) -> str:
    if scope.kind is None:
        return "all"
    if scope.name is None:
        return "kind"
    return "resource" if scope.member is None else "member"
