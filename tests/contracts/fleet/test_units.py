"""What becomes of units that are submitted, in the model and on real machines alike."""

import pytest

from tests.contracts.fleet.cluster import Cluster
from tests.contracts.fleet.machines import NUMBERS
from tests.contracts.fleet.texts import ALONE, AT_TWO, ENDS, EVERYWHERE, SLEEPER, WEB


def test_a_unit_that_was_submitted_is_inactive_and_goes_nowhere(cluster: Cluster) -> None:
    cluster.put("a.service", SLEEPER, "inactive")
    cluster.stays(lambda: cluster.home("a.service") is None)
    assert (cluster.current("a.service"), cluster.states("a.service")) == ("inactive", {})
    assert not cluster.processes("a.service")


def test_a_unit_that_is_launched_runs_where_its_metadata_say(cluster: Cluster) -> None:
    cluster.launch("a.service", AT_TWO)
    assert cluster.home("a.service") == 2
    assert set(cluster.processes("a.service")) == {2}
    assert cluster.states("a.service") == {2: "active/running"}


def test_a_unit_that_has_ended_is_launched_and_inactive(cluster: Cluster) -> None:
    cluster.put("a.service", ENDS)
    cluster.until(lambda: list(cluster.states("a.service").values()) == ["inactive/dead"])
    cluster.until(lambda: cluster.current("a.service") == "launched")


def test_a_loaded_unit_does_not_run_until_it_is_launched(cluster: Cluster) -> None:
    cluster.put("a.service", SLEEPER, "loaded")
    cluster.until(lambda: cluster.current("a.service") == "loaded")
    assert not cluster.processes("a.service")
    cluster.set_state("a.service", "launched")
    cluster.until(lambda: cluster.running("a.service"))


def test_a_unit_that_crashed_stays_launched_and_failed_whatever_is_asked(cluster: Cluster) -> None:
    cluster.launch("a.service", SLEEPER)
    cluster.machines.crash_unit("a.service")
    cluster.until(lambda: list(cluster.states("a.service").values()) == ["failed/failed"])
    cluster.set_state("a.service", "launched")
    cluster.stays(lambda: not cluster.processes("a.service"))
    assert cluster.current("a.service") == "launched"


def test_a_template_stays_inactive_and_its_instances_bring_their_own_content(
    cluster: Cluster,
) -> None:
    cluster.put("web@.service", ALONE, "inactive")
    assert cluster.ask("PUT", "/units/web@.service", {"desiredState": "launched"}).status == 400
    assert cluster.ask("PUT", f"/units/{WEB[0]}", {"desiredState": "launched"}).status == 409
    cluster.launch(WEB[0], ALONE)
    assert cluster.current("web@.service") == "inactive"


def test_of_units_that_exclude_each_other_one_waits_until_a_machine_is_free(
    cluster: Cluster,
) -> None:
    for name in WEB:
        cluster.put(name, ALONE)
    cluster.until(lambda: sum(cluster.running(name) for name in WEB) == len(NUMBERS))
    (waiting,) = (name for name in WEB if cluster.home(name) is None)
    assert cluster.current(waiting) == "inactive"
    cluster.delete(next(name for name in WEB if name != waiting))
    cluster.until(lambda: cluster.running(waiting))


def test_a_global_unit_runs_on_every_machine_that_matches(cluster: Cluster) -> None:
    cluster.put("a.service", EVERYWHERE)
    cluster.until(lambda: cluster.states("a.service") == dict.fromkeys((1, 3), "active/running"))
    assert set(cluster.processes("a.service")) == {1, 3}
    assert (cluster.current("a.service"), cluster.home("a.service")) == ("inactive", None)
    assert "currentState" not in cluster.ask("GET", "/units/a.service").body


@pytest.mark.parametrize(
    ("options", "state", "status"),
    [
        pytest.param(None, "launched", 409, id="a new unit without options"),
        pytest.param("/bin/true", "bogus", 500, id="a new unit with a word that is no state"),
        pytest.param("x" * 2048, "inactive", 400, id="a line that is too long"),
    ],
)
def test_refused(cluster: Cluster, options: str | None, state: str, status: int) -> None:
    lines = [{"section": "Service", "name": "ExecStart", "value": options}] if options else []
    body = {"options": lines, "desiredState": state}
    assert cluster.ask("PUT", "/units/a.service", body).status == status
    assert cluster.ask("GET", "/units/a.service").status == 404
