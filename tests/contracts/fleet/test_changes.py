"""What becomes of units that run and are written again, in the model and really."""

from tests.contracts.fleet.cluster import Cluster
from tests.contracts.fleet.texts import AT_TWO, OTHER, SLEEPER


def test_loaded_and_once_that_is_seen_launched_is_a_restart(cluster: Cluster) -> None:
    before = cluster.launch("a.service", SLEEPER)
    cluster.set_state("a.service", "loaded")
    cluster.until(lambda: cluster.current("a.service") == "loaded")
    cluster.set_state("a.service", "launched")
    cluster.until(lambda: cluster.restarted("a.service", before))


def test_another_content_replaces_a_unit_where_it_runs(cluster: Cluster) -> None:
    before = cluster.launch("a.service", SLEEPER)
    home = cluster.home("a.service")
    cluster.put("a.service", OTHER)
    cluster.until(lambda: cluster.restarted("a.service", before))
    assert cluster.home("a.service") == home
    cluster.until(lambda: _hashes_agree(cluster, "a.service"))


def test_the_same_content_and_state_again_changes_nothing(cluster: Cluster) -> None:
    before = cluster.launch("a.service", SLEEPER)
    cluster.put("a.service", SLEEPER)
    cluster.stays(lambda: cluster.process("a.service") == before)


def test_another_content_without_a_state_stops_a_unit(cluster: Cluster) -> None:
    cluster.launch("a.service", SLEEPER)
    body = {"options": [{"section": "Service", "name": "ExecStart", "value": "/bin/sleep 3"}]}
    assert cluster.ask("PUT", "/units/a.service", body).status == 201
    cluster.until(lambda: cluster.current("a.service") == "inactive")
    cluster.until(lambda: not cluster.processes("a.service"))


def test_a_unit_that_is_deleted_is_gone_at_once_and_then_stops(cluster: Cluster) -> None:
    cluster.launch("a.service", SLEEPER)
    cluster.delete("a.service")
    assert cluster.ask("GET", "/units/a.service").status == 404
    cluster.until(lambda: not cluster.states("a.service") and not cluster.processes("a.service"))


def test_what_is_put_again_once_nobody_runs_it_starts_anew(cluster: Cluster) -> None:
    before = cluster.launch("a.service", AT_TWO)
    cluster.delete("a.service")
    cluster.until(lambda: not cluster.states("a.service") and not cluster.processes("a.service"))
    assert cluster.launch("a.service", AT_TWO) != before


def test_a_unit_with_a_word_that_is_no_state_cannot_be_read_and_stops(cluster: Cluster) -> None:
    cluster.launch("a.service", SLEEPER)
    cluster.machines.write_target_state("a.service", "bogus")
    cluster.until(lambda: not cluster.processes("a.service"))
    assert cluster.unit("a.service") is None
    for method, body in (("GET", None), ("PUT", {"desiredState": "launched"}), ("DELETE", None)):
        assert cluster.ask(method, "/units/a.service", body).status == 500
    cluster.machines.write_target_state("a.service", "launched")
    cluster.until(lambda: cluster.running("a.service"))


def _hashes_agree(cluster: Cluster, name: str) -> bool:
    """While one state takes the place of another there may be none."""
    read = cluster.read()
    units = [each.hash for each in read.units if each.name == name]
    return units == [each.hash for each in read.states if each.name == name]
