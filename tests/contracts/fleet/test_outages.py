"""What becomes of units when fleetd or etcd fail, in the model and really."""

from tests.contracts.fleet.cluster import Cluster
from tests.contracts.fleet.machines import NUMBERS
from tests.contracts.fleet.texts import ALONE, AT_TWO, SLEEPER, WEB

ALL = set(NUMBERS)


def test_a_fleetd_that_is_stopped_takes_its_units_with_it(cluster: Cluster) -> None:
    cluster.launch("a.service", SLEEPER)
    home = cluster.home("a.service")
    assert home is not None
    before = cluster.process("a.service")
    cluster.machines.stop_fleetd(home)
    cluster.until(lambda: cluster.running("a.service") and cluster.home("a.service") != home)
    assert cluster.up() == ALL - {home}
    assert set(cluster.processes("a.service").items()) != {(home, before)}


def test_what_a_killed_fleetd_ran_runs_on(cluster: Cluster) -> None:
    before = cluster.launch("a.service", AT_TWO)
    cluster.machines.kill_fleetd(2)
    cluster.stays(lambda: cluster.processes("a.service") == {2: before})
    cluster.until(lambda: cluster.ask("GET", "/machines", number=2).status == 200)
    cluster.until(lambda: cluster.running("a.service") and cluster.up() == ALL)


def test_units_run_on_while_etcd_stands_still(cluster: Cluster) -> None:
    for name in WEB[:3]:
        cluster.launch(name, ALONE)
    before = {name: cluster.processes(name) for name in WEB}
    cluster.machines.freeze_etcd()
    answers: list[int] = []

    def given_up() -> bool:
        answers.append(cluster.ask("GET", "/units").status)
        return answers[-1] == 503

    cluster.until(given_up)
    assert set(answers) <= {500, 503}
    cluster.machines.mend()
    cluster.until(lambda: cluster.up() == ALL)
    cluster.until(lambda: all(cluster.running(name) for name in WEB[:3]))
    assert {name: cluster.processes(name) for name in WEB} == before


def test_a_machine_that_is_cut_off_from_etcd_runs_what_starts_elsewhere_too(
    cluster: Cluster,
) -> None:
    before = cluster.launch("a.service", SLEEPER)
    home = cluster.home("a.service")
    assert home is not None
    cluster.machines.part(home)
    cluster.until(lambda: cluster.home("a.service") not in (None, home))
    cluster.until(
        lambda: cluster.processes("a.service").keys() == {home, cluster.home("a.service")}
    )
    assert cluster.processes("a.service")[home] == before
    cluster.machines.mend()
    cluster.until(lambda: cluster.processes("a.service").keys() == {cluster.home("a.service")})
    assert cluster.up() == ALL
