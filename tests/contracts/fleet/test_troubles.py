"""The daemon over a real fleet that is in trouble: it looks on."""

import time
from collections.abc import Callable

import pytest

from tests.contracts.fleet.machines import NUMBERS, REAL, Machines
from tests.contracts.fleet.operated import Operated

pytestmark = [*REAL]
OUTAGE_SECONDS = 12.0  # fleetd has given up by then, and what is lost has expired


def fleetds_end(machines: Machines) -> None:
    machines.kill_fleetd(1)
    machines.stop_fleetd(2)


@pytest.mark.parametrize(
    "happens",
    [
        pytest.param(fleetds_end, id="one fleetd dies, and one is stopped"),
        pytest.param(lambda machines: machines.part(1), id="a machine is cut off from etcd"),
        pytest.param(lambda machines: machines.crash(3), id="a machine is lost"),
        pytest.param(lambda machines: machines.freeze_etcd(), id="etcd stands still"),
    ],
)
def test_nothing_is_written_while_fleet_is_in_trouble(
    operated: Operated, happens: Callable[[Machines], None]
) -> None:
    happens(operated.machines)
    time.sleep(OUTAGE_SECONDS)
    operated.machines.mend()
    operated.until(lambda: operated.up() == set(NUMBERS))
    operated.until_ready()
    assert operated.writes() == {}
