"""docs/METRICS.md and a daemon agree: every metric is told as it is documented, and no other."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.documents.daemon import live_daemon, until
from tests.simulation.story import Story, story
from tests.support.etcd import running_etcd
from tests.support.virtual import run_virtual

pytestmark = pytest.mark.timeout(600)

PAGE = Path(__file__).parents[2] / "docs" / "METRICS.md"
ROW = re.compile(r"\| `(?P<name>\w+)` \|(?P<labels>[^|]*)\|[^|]+\|[^|]*\|")
LIMIT_SECONDS = 3600.0
RESTARTS = "steersman_watch_restarts"
PROGRESS = "steersman_watch_last_progress_timestamp_seconds"
WATCHED = {
    *(("home", prefix) for prefix in ("/desired/", "/status/")),
    *(("home", prefix) for prefix in ("/steersman/", "/steersman/requests/")),
    *(("unit", prefix) for prefix in ("/desired/", "/configs/", "/services/")),
}
PAUSE = b'{"verb": "pause", "ref": "unit/jenkins", "until": "2099-01-01T00:00:00Z"}'


def documented() -> Mapping[str, frozenset[str]]:
    """The labels of each metric, by its name."""
    rows = [ROW.fullmatch(line) for line in PAGE.read_text().splitlines() if "| `" in line]
    assert all(rows), "a row of the table cannot be read"
    found = [(row["name"], frozenset(re.findall(r"\w+", row["labels"]))) for row in rows if row]
    assert len(dict(found)) == len(found), "a metric has two rows"
    return dict(found)


def told(text: str) -> Mapping[str, frozenset[str]]:
    """The labels of each metric of a scrape; none for one that has no series yet."""
    return dict(_told(text))


def _told(text: str) -> Iterator[tuple[str, frozenset[str]]]:
    for family in text_string_to_metric_families(text):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels = {label for sample in family.samples for label in sample.labels}
        yield name, frozenset(labels - ({"le"} if family.type == "histogram" else set()))


async def _in_a_cloud() -> str:
    """Of the post's documents, where a zone has no room for a node that is gone, and somebody has
    paused a unit."""
    async with story(seed=1) as tale:
        tale.apply_post()
        await tale.until_ready(120)
        tale.put("/steersman/requests/p", PAUSE)
        tale.fault("stockout", zone="europe-west1-b", seconds=LIMIT_SECONDS)
        tale.fault("instance-delete", name="core3")
        await tale.until(lambda: "steersman_circuit_open{" in _scrape(tale), 300)
        return _scrape(tale)


def _scrape(tale: Story) -> str:
    operator = tale.stage.daemons["one"].operator
    assert operator is not None
    return operator.queries.metrics().decode()


@pytest.fixture(scope="module")
def of_a_process(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the daemon tells over HTTP after its etcd was away, which interrupts every watch."""
    folder = tmp_path_factory.mktemp("metrics")
    with running_etcd(folder) as etcd, live_daemon(etcd, folder) as daemon:
        daemon.put("home", "/desired/configkey/a", b"spec: {format: text, value: a}")
        until(lambda: daemon.value("unit", "/configs/a") == b"a")
        until(lambda: _watched(daemon.metrics()) == WATCHED)
        etcd.kill()
        etcd.start()
        until(lambda: _restarted(daemon.metrics()) == {"home", "unit"})
        return daemon.metrics()


def _restarted(text: str) -> set[str]:
    """The stores whose watches were interrupted."""
    families = {each.name: each.samples for each in text_string_to_metric_families(text)}
    return {each.labels["source"] for each in families[RESTARTS] if each.value}


def _watched(text: str) -> set[tuple[str, str]]:
    """Which watches, by store and prefix, have told of their progress."""
    families = {each.name: each.samples for each in text_string_to_metric_families(text)}
    return {(each.labels["source"], each.labels["prefix"]) for each in families[PROGRESS]}


@pytest.fixture(scope="module")
def in_a_cloud() -> str:
    return run_virtual(_in_a_cloud(), limit_seconds=LIMIT_SECONDS)


# What dashboards rely on; the page may tell of more.
PROMISED = {
    "steersman_build_info": {"version"},
    "steersman_reconcile_total": {"controller", "result"},
    "steersman_reconcile_time_seconds": {"controller"},
    "workqueue_depth": {"name"},
    "workqueue_adds_total": {"name"},
    "workqueue_retries_total": {"name"},
    "workqueue_queue_duration_seconds": {"name"},
    "workqueue_work_duration_seconds": {"name"},
    "workqueue_unfinished_work_seconds": {"name"},
    "workqueue_longest_running_processor_seconds": {"name"},
    "leader_election_master_status": {"name"},
    "steersman_actions_total": {"kind", "action", "result"},
    "steersman_actions_blocked": {"reason"},
    "steersman_condition": {"kind", "name", "type", "status"},
    "steersman_drift": {"kind"},
    "steersman_observation_age_seconds": {"source"},
    "steersman_source_up": {"source"},
    "steersman_backend_requests_total": {"backend", "method", "code"},
    "steersman_keepalives_total": {"result"},
}


def test_the_page_keeps_what_dashboards_were_promised() -> None:
    page = documented()
    assert {name: page[name] for name in PROMISED} == PROMISED


def test_a_daemon_tells_every_documented_metric_and_no_other(of_a_process: str) -> None:
    found = told(of_a_process).keys()
    assert sorted(found) == sorted(documented())


def test_every_metric_has_the_labels_that_are_documented(
    of_a_process: str, in_a_cloud: str
) -> None:
    process, cloud = told(of_a_process), told(in_a_cloud)
    found = {name: process[name] | cloud.get(name, frozenset()) for name in process}
    assert found == documented()


def test_watches_of_both_stores_that_were_interrupted_are_counted(of_a_process: str) -> None:
    assert _restarted(of_a_process) == {"home", "unit"}


def test_every_watch_tells_of_its_progress(of_a_process: str) -> None:
    assert _watched(of_a_process) == WATCHED
