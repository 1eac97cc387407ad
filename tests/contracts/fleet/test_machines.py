"""What becomes of units when machines come and go, in the model and really."""

from tests.contracts.fleet.cluster import Cluster
from tests.contracts.fleet.machines import NUMBERS, machine_id, metadata
from tests.contracts.fleet.texts import AT_TWO, SLEEPER

ALL = set(NUMBERS)


def test_machines_tell_their_address_and_metadata(cluster: Cluster) -> None:
    told = {each.id: (each.ip, dict(each.metadata)) for each in cluster.read().machines}
    assert told == {
        machine_id(number): (f"127.97.0.{number}", metadata(number)) for number in NUMBERS
    }


def test_what_a_lost_machine_ran_starts_elsewhere(cluster: Cluster) -> None:
    cluster.launch("a.service", SLEEPER)
    lost = cluster.home("a.service")
    assert lost is not None
    cluster.machines.crash(lost)
    cluster.until(lambda: cluster.running("a.service") and cluster.home("a.service") != lost)
    assert cluster.up() == ALL - {lost}


def test_what_nobody_else_may_run_waits_for_the_machine_to_come_back(cluster: Cluster) -> None:
    cluster.launch("a.service", AT_TWO)
    cluster.machines.crash(2)
    cluster.until(lambda: cluster.up() == {1, 3})
    cluster.until(lambda: cluster.home("a.service") is None)
    cluster.machines.boot(2)
    cluster.until(lambda: cluster.running("a.service"))
