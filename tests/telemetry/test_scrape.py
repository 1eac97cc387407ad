"""A scrape as a whole: what kinds tell of their own, and what the daemon tells of itself."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from structlog.testing import capture_logs

from steersman.model.kind import Gauge, Group
from steersman.model.resource import Key
from steersman.telemetry.metrics import Metrics
from tests.engine.builders import A, world
from tests.engine.toy import KINDS, LAMP
from tests.telemetry.samples import lamps, named, scraped, status


def test_a_kind_tells_of_its_own() -> None:
    watts = Gauge("watts", "Watts.", ("lamp", "plug"), lambda *_: {("eu",): 60})
    kinds = {"lamp": replace(LAMP, gauges=(watts,))}
    found = scraped(lamps(a=status()), kinds=kinds)

    assert named("watts", found) == {("a", "eu"): 60}


def test_a_mistake_over_one_resource_hides_no_other_metric() -> None:
    def read(resource: Any, *_: Any) -> Mapping[tuple[str, ...], float]:
        if resource.key == A:
            raise RuntimeError("a bug")
        return {(): 60}

    def group(key: Key) -> Group:
        if key == A:
            raise RuntimeError("another bug")
        return Group(frozenset(), 1)

    kinds = {"lamp": replace(LAMP, gauges=(Gauge("watts", "Watts.", ("lamp",), read),))}
    with capture_logs() as logs:
        found = scraped(lamps(a=status(), b=status()), kinds=kinds, group=group)

    assert named("watts", found) == {("b",): 60}
    assert named("steersman_disruption_budget_used", found) == {("lamp/b",): 0}
    assert found["steersman_scrape_errors_total", "lamp"] == 2
    assert {each["key"] for each in logs} == {"lamp/a"}


def test_series_that_are_known_before_start_at_zero() -> None:
    metrics = Metrics()
    metrics.prepare(KINDS, workers=8)
    found = scraped(world(), metrics)

    zeros = [
        ("steersman_reconcile_total", "lamp", "success"),
        ("steersman_reconcile_total", "lamp", "error"),
        ("steersman_reconcile_errors_total", "lamp"),
        ("steersman_reconcile_panics_total", "lamp"),
        ("steersman_reconcile_timeouts_total", "lamp"),
        ("steersman_reconcile_terminal_errors_total", "lamp"),
        ("steersman_drift_repair_seconds_count", "lamp"),
        ("steersman_keepalives_total", "ok"),
        ("steersman_keepalives_total", "lost"),
        ("steersman_keepalives_total", "error"),
        ("steersman_scrape_errors_total", "lamp"),
        ("leader_election_master_status", "steersman"),
    ]
    assert {labels: found[labels] for labels in zeros} == dict.fromkeys(zeros, 0)
    assert found["steersman_max_concurrent_reconciles",] == 8


def test_the_leader_is_steersman() -> None:
    metrics = Metrics()
    metrics.leading.set(1)

    assert scraped(world(), metrics)["leader_election_master_status", "steersman"] == 1


def test_workers_and_their_keys_are_told() -> None:
    metrics = Metrics()
    metrics.queue.show(depth=3, working_seconds=[2.0, 5.0])
    found = scraped(world(), metrics)

    assert found["workqueue_depth", "reconcile"] == 3
    assert found["steersman_active_workers",] == 2
    assert found["workqueue_unfinished_work_seconds", "reconcile"] == 7
    assert found["workqueue_longest_running_processor_seconds", "reconcile"] == 5
