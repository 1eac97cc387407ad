"""Documents and their statuses: what is in force, how it is, and what drifted."""

from collections import Counter
from collections.abc import Iterator

from prometheus_client.metrics_core import GaugeMetricFamily

from steersman.model.resource import DESIRED, Key, Resource
from steersman.model.status import Status
from steersman.telemetry.scrape.sight import CONDITION_STATES, Sight, gauge

STATES = ("valid", "rejected", "paused", "deleting", "released", "frozen")
UNKNOWN_KIND = "unknown"
DRIFTED = "Drifted"
UNTOLD = Status()


def documents(sight: Sight) -> GaugeMetricFamily:
    """Each document is in one state: of an older version that stays in force, too."""
    counted = Counter(_states(sight))
    zeros = {(kind, state): 0 for kind in sight.kinds for state in STATES}
    return gauge(
        "steersman_documents",
        "Documents by state.",
        ("kind", "state"),
        {**zeros, **counted}.items(),
    )


def resources(sight: Sight) -> GaugeMetricFamily:
    counted = Counter((key.kind, _ready(each)) for key, each in sight.statuses.items())
    zeros = {(kind, state): 0 for kind in sight.kinds for state in CONDITION_STATES}
    return gauge(
        "steersman_resources",
        "Resources in force by their condition Ready.",
        ("kind", "ready"),
        {**zeros, **counted}.items(),
    )


def omitted(sight: Sight) -> GaugeMetricFamily:
    counted = Counter(key.kind for key in sight.statuses)
    counted.subtract(key.kind for key in sight.told)
    return gauge(
        "steersman_resources_omitted",
        "Resources without series of their own, of which there would be too many.",
        ("kind",),
        (((kind,), counted[kind]) for kind in sight.kinds),
    )


def conditions(sight: Sight) -> GaugeMetricFamily:
    return gauge(
        "steersman_condition",
        "1 for the status that a condition has.",
        ("kind", "name", "type", "status"),
        (
            ((key.kind, key.name, each.type, state), each.status == state)
            for key in sight.told
            for each in sight.statuses[key].conditions
            for state in CONDITION_STATES
        ),
    )


def drift(sight: Sight) -> GaugeMetricFamily:
    counted = Counter(key.kind for key, each in sight.statuses.items() if each.holds(DRIFTED))
    return gauge(
        "steersman_drift",
        "Resources that are not as asked.",
        ("kind",),
        (((kind,), counted[kind]) for kind in sight.kinds),
    )


def drift_age(sight: Sight) -> GaugeMetricFamily:
    oldest = dict.fromkeys(sight.kinds, 0.0)
    for key, status in sight.statuses.items():
        found = status.condition(DRIFTED)
        if found is not None and found.holds and found.since:
            age = (sight.now - found.since).total_seconds()
            oldest[key.kind] = max(oldest[key.kind], age)
    return gauge(
        "steersman_drift_age_seconds",
        "For how long the resource has not been as asked of which that is true the longest.",
        ("kind",),
        (((kind,), age) for kind, age in oldest.items()),
    )


FAMILIES = (documents, resources, omitted, conditions, drift, drift_age)


def _states(sight: Sight) -> Iterator[tuple[str, str]]:
    world = sight.world
    for key, resource in world.resources.items():
        yield key.kind, _state(resource, sight)
    for key in world.released:
        yield key.kind, "released"
    for key in world.frozen:
        yield key.kind if key.kind in sight.kinds else UNKNOWN_KIND, "frozen"
    for path in {each.path for each in world.rejected}:
        kind, _, name = path.removeprefix(DESIRED).partition("/")
        key = Key(kind, name)
        if not any(key in known for known in (world.resources, world.released, world.frozen)):
            yield kind if kind in sight.kinds else UNKNOWN_KIND, "rejected"


def _state(resource: Resource[object], sight: Sight) -> str:
    if _refused(resource.key, sight):
        return "rejected"
    if resource.metadata.deleting:
        return "deleting"
    return "paused" if sight.statuses.get(resource.key, UNTOLD).holds("Paused") else "valid"


def _refused(key: Key, sight: Sight) -> bool:
    """Whether the document in the store is not the one in force."""
    said = sight.world.acceptance.get(key, ())
    return any(each.type == "Accepted" and each.status == "False" for each in said)


def _ready(status: Status) -> str:
    found = status.condition("Ready")
    return found.status if found else "Unknown"
