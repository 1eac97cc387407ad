"""Metrics: under the names and labels that dashboards were promised, derived from the World."""

from datetime import UTC, datetime

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from steersman.model.observed import ComputeSnapshot
from steersman.model.plan import Waiting
from steersman.model.resource import Key, Metadata, Resource, Source
from steersman.model.status import Condition, Status
from steersman.model.world import World
from steersman.telemetry.metrics import CONDITION_SERIES_MAX, CONDITION_STATES, Metrics

NOW = datetime(2014, 9, 1, 12, 0, tzinfo=UTC)
A, B = Key("lamp", "a"), Key("lamp", "b")
HELD = Waiting("compute:a", "backoff", "BackingOff")
DRIFTING = Status(
    (Condition("Ready", "False", "Dark"), Condition("Drifted", "True", "X")), {}, (HELD,)
)


def resource(key: Key) -> Resource[None]:
    return Resource(key, "uid", Metadata(), None, Source("home", 1, ""))


def world(*keys: Key, **statuses: Status) -> World:
    return World(
        resources={key: resource(key) for key in keys},
        statuses={Key("lamp", name): status for name, status in statuses.items()},
    )


def samples(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """By name and label values, in the order of the labels' names."""
    text = generate_latest(metrics.registry).decode()
    return {
        (sample.name, *(sample.labels[label] for label in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def labels(metrics: Metrics) -> dict[str, set[str]]:
    text = generate_latest(metrics.registry).decode()
    return {
        sample.name: set(sample.labels)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def busy() -> Metrics:
    """After a bit of everything."""
    metrics = Metrics()
    metrics.prepare(["lamp"])
    metrics.actions.labels(kind="lamp", action="Install", result="ok").inc()
    metrics.request("home", "put", "200", 0.1)
    metrics.keepalives.labels(result="ok").inc()
    metrics.show(
        World(
            resources={A: resource(A)},
            statuses={A: DRIFTING},
            compute=ComputeSnapshot(NOW),
        ),
        NOW,
    )
    return metrics


PROMISED = [
    ("steersman_build_info", {"version"}),
    ("steersman_reconcile_total", {"controller", "result"}),
    ("steersman_reconcile_time_seconds_count", {"controller"}),
    ("workqueue_depth", {"name"}),
    ("workqueue_adds_total", {"name"}),
    ("workqueue_retries_total", {"name"}),
    ("workqueue_queue_duration_seconds_count", {"name"}),
    ("workqueue_work_duration_seconds_count", {"name"}),
    ("workqueue_unfinished_work_seconds", {"name"}),
    ("workqueue_longest_running_processor_seconds", {"name"}),
    ("leader_election_master_status", {"name"}),
    ("steersman_actions_total", {"kind", "action", "result"}),
    ("steersman_actions_blocked", {"reason"}),
    ("steersman_condition", {"kind", "name", "type", "status"}),
    ("steersman_drift", {"kind"}),
    ("steersman_observation_age_seconds", {"source"}),
    ("steersman_source_up", {"source"}),
    ("steersman_backend_requests_total", {"backend", "method", "code"}),
    ("steersman_keepalives_total", {"result"}),
]


@pytest.mark.parametrize(("name", "expected"), PROMISED, ids=[name for name, _ in PROMISED])
def test_a_promised_metric_is_there_with_its_labels(name: str, expected: set[str]) -> None:
    assert labels(busy())[name] == expected


def test_the_leader_is_steersman() -> None:
    metrics = Metrics()
    assert samples(metrics)["leader_election_master_status", "steersman"] == 0

    metrics.leading.set(1)
    assert samples(metrics)["leader_election_master_status", "steersman"] == 1


def test_series_of_a_kind_start_at_zero() -> None:
    metrics = Metrics()
    metrics.prepare(["lamp"])
    found = samples(metrics)

    assert found["steersman_reconcile_total", "lamp", "success"] == 0
    assert found["steersman_reconcile_total", "lamp", "error"] == 0
    assert found["steersman_drift", "lamp"] == 0


def test_every_source_is_down_until_it_is_heard_of() -> None:
    found = samples(Metrics())

    sources = ("home", "unit", "compute", "fleet", "keys", "elasticsearch")
    assert [found["steersman_source_up", source] for source in sources] == [0] * 6


def test_a_condition_has_one_series_for_each_status_and_one_of_them_is_1() -> None:
    metrics = Metrics()
    metrics.show(world(A, a=DRIFTING), NOW)
    found = samples(metrics)

    values = [
        found["steersman_condition", "lamp", "a", state, "Ready"] for state in CONDITION_STATES
    ]
    assert values == [0, 1, 0]


def test_held_steps_are_counted_by_reason() -> None:
    metrics = Metrics()
    metrics.show(world(A, B, a=DRIFTING, b=DRIFTING), NOW)

    assert samples(metrics)["steersman_actions_blocked", "BackingOff"] == 2


def test_drift_counts_resources() -> None:
    metrics = Metrics()
    metrics.prepare(["lamp"])
    metrics.show(world(A, B, a=DRIFTING, b=DRIFTING), NOW)

    assert samples(metrics)["steersman_drift", "lamp"] == 2


def test_what_was_released_is_not_counted_any_more() -> None:
    metrics = Metrics()
    metrics.prepare(["lamp"])
    metrics.show(world(A, a=DRIFTING), NOW)
    metrics.show(world(a=DRIFTING), NOW)
    found = samples(metrics)

    assert found["steersman_drift", "lamp"] == 0
    assert not [each for each in found if each[0] == "steersman_condition"]
    assert not [each for each in found if each[0] == "steersman_actions_blocked"]


def test_the_age_of_a_snapshot_counts_from_its_read() -> None:
    metrics = Metrics()
    metrics.show(World(compute=ComputeSnapshot(NOW)), NOW.replace(second=7))
    found = samples(metrics)

    assert found["steersman_observation_age_seconds", "compute"] == 7
    assert ("steersman_observation_age_seconds", "fleet") not in found


def test_series_of_single_resources_are_bounded() -> None:
    count = CONDITION_SERIES_MAX // len(CONDITION_STATES) + 5
    names = [f"lamp-{number:05d}" for number in range(count)]
    status = Status((Condition("Ready", "True", "Lit"),))
    metrics = Metrics()
    metrics.show(world(*(Key("lamp", name) for name in names), **dict.fromkeys(names, status)), NOW)
    series = [each for each in samples(metrics) if each[0] == "steersman_condition"]

    assert CONDITION_SERIES_MAX - len(CONDITION_STATES) < len(series) <= CONDITION_SERIES_MAX
