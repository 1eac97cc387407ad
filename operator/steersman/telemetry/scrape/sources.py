"""The outside as it was seen last: sources, circuits, limits, units, instances of nobody."""

from collections import Counter
from collections.abc import Iterator

from prometheus_client.metrics_core import GaugeMetricFamily

from steersman.model.unmanaged import foreign, orphans
from steersman.telemetry.scrape.sight import Sight, gauge

WRITTEN = frozenset({"compute", "fleet", "keys"})
OBSERVED = WRITTEN | {"elasticsearch"}
CIRCUITS_MAX = 100
DESIRED_STATES = frozenset({"inactive", "loaded", "launched"})
UNSAID, OTHER = "none", "other"
ACTUAL_STATES = frozenset(
    {"active", "reloading", "inactive", "failed", "activating", "deactivating", "maintenance"}
    | {UNSAID}
)


def up(sight: Sight) -> GaugeMetricFamily:
    """Nobody is to be woken for a system that nobody configured: it has no series."""
    return gauge(
        "steersman_source_up",
        "1 while a source answers.",
        ("source",),
        (((source,), pulse.up) for source, pulse in sight.pulses.items()),
    )


def age(sight: Sight) -> GaugeMetricFamily:
    """Of a snapshot the start of its reading counts, of a store when it last said something."""
    return gauge(
        "steersman_observation_age_seconds",
        "How old the last observation of a source is.",
        ("source",),
        (((source,), seconds) for source, seconds in _ages(sight)),
    )


def circuits(sight: Sight) -> GaugeMetricFamily:
    broken = sorted(at for at, each in sight.world.circuits.items() if each.until)
    return gauge(
        "steersman_circuit_open",
        "1 where calls fail for everybody.",
        ("system", "zone", "machine_type"),
        (((at.system, at.zone, at.machine_type), 1) for at in broken[:CIRCUITS_MAX]),
    )


def throttled(sight: Sight) -> GaugeMetricFamily:
    left = {
        system: max(0.0, (each.until - sight.now).total_seconds())
        for system, each in sight.world.throttled.items()
    }
    written = WRITTEN & sight.pulses.keys()
    return gauge(
        "steersman_throttled_seconds",
        "For how long nothing is written to a system that has asked for fewer calls.",
        ("system",),
        (((system,), seconds) for system, seconds in {**dict.fromkeys(written, 0), **left}.items()),
    )


def unreachable(sight: Sight) -> GaugeMetricFamily:
    count = len(sight.world.compute.unreachable)
    return gauge(
        "steersman_zones_unreachable",
        "Zones that did not answer when instances were listed.",
        (),
        [((), count)],
    )


def orphaned(sight: Sight) -> GaugeMetricFamily:
    count = sum(1 for _ in orphans(sight.world))
    return gauge(
        "steersman_orphan_instances", "Instances of ours that no document has.", (), [((), count)]
    )


def strange(sight: Sight) -> GaugeMetricFamily:
    count = sum(1 for _ in foreign(sight.world))
    return gauge(
        "steersman_foreign_machines",
        "Machines of the fleet that are no instance of ours.",
        (),
        [((), count)],
    )


def units(sight: Sight) -> GaugeMetricFamily:
    return gauge(
        "steersman_units",
        "Units that fleet has, ours or not, by what is asked of them and what they are.",
        ("desired", "actual"),
        Counter(_states(sight)).items(),
    )


FAMILIES = (up, age, circuits, throttled, unreachable, orphaned, strange, units)


def _ages(sight: Sight) -> Iterator[tuple[str, float]]:
    for source, pulse in sight.pulses.items():
        seen = sight.world.snapshot(source).age(sight.now) if source in OBSERVED else None
        seconds = seen.total_seconds() if seen else pulse.age_seconds
        if seconds is not None:
            yield source, seconds


def _states(sight: Sight) -> Iterator[tuple[str, str]]:
    fleet = sight.world.fleet
    for name, unit in fleet.units.items():
        desired = unit.desired_state if unit.desired_state in DESIRED_STATES else OTHER
        said = [each.active for each in fleet.states.get(name, ())]
        for actual in said or [UNSAID]:
            yield desired, actual if actual in ACTUAL_STATES else OTHER
