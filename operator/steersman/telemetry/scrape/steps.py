"""Steps: what holds them, what they wait for, and how many members may be away."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from prometheus_client.metrics_core import GaugeMetricFamily

from steersman.telemetry.scrape.sight import Failed, Sight, gauge, readable

SYSTEMS = ("compute", "fleet", "keys", "home", "memory")


def blocked(sight: Sight) -> GaugeMetricFamily:
    reasons = (each.reason for status in sight.statuses.values() for each in status.waiting)
    return gauge(
        "steersman_actions_blocked",
        "Steps that are held, by reason.",
        ("reason",),
        (((reason,), count) for reason, count in Counter(reasons).items()),
    )


def budgets(sight: Sight, failed: Failed) -> Iterable[GaugeMetricFamily]:
    found = readable(sight.told, sight.group, failed)
    groups = [(str(key), group) for key, group in found if group]
    yield gauge(
        "steersman_disruption_budget_allowed",
        "Members of a document that may be away at once.",
        ("group",),
        (((name,), group.max_unavailable) for name, group in groups),
    )
    yield gauge(
        "steersman_disruption_budget_used",
        "Members of a document that are away for any reason, or are taken away now.",
        ("group",),
        (((name,), len(group.down)) for name, group in groups),
    )


def intents(sight: Sight) -> GaugeMetricFamily:
    counted = Counter(target.system for target in sight.world.pending)
    return gauge(
        "steersman_intents_pending",
        "Steps that were sent and whose effect was not seen yet, by system.",
        ("system",),
        (((system,), counted[system]) for system in SYSTEMS),
    )


def intent_age(sight: Sight) -> GaugeMetricFamily:
    oldest: dict[str, datetime] = {}
    for target, each in sight.world.pending.items():
        oldest[target.system] = min(each.since, oldest.get(target.system, sight.now))
    return gauge(
        "steersman_intent_oldest_age_seconds",
        "For how long the effect of a step has been waited for, the longest, by system.",
        ("system",),
        (
            ((system,), (sight.now - oldest.get(system, sight.now)).total_seconds())
            for system in SYSTEMS
        ),
    )


FAMILIES = (blocked, intents, intent_age)
