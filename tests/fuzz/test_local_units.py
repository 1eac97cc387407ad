"""What the local cloud runs: a unit starts, fails or ends, and user data boots or does not."""

from pathlib import Path

import pytest

from localcloud.fleet.units.unitfile import UnitFileError, parse
from localcloud.machines import machine_of
from localcloud.programs.commands import nobody_answers
from localcloud.programs.unit import start_unit, stop_unit
from localcloud.seams import Option
from tests.fuzz.strategies import changed
from tests.fuzz.trying import fuzzed, outcome
from tests.localcloud.support import FakeKeys

UNITS, USER_DATA = "local-units", "user-data"
DATA = Path(__file__).parents[1] / "localcloud" / "data"
GOOD_UNITS = [path.read_bytes() for path in sorted(DATA.glob("*.service"))]
GOOD_USER_DATA = [path.read_bytes() for path in sorted(DATA.glob("*.yaml"))]
ENVIRONMENT = "COREOS_PRIVATE_IPV4=127.20.0.2\nCOREOS_PUBLIC_IPV4=127.20.0.2\n"


@fuzzed(UNITS, changed(GOOD_UNITS))
def test_a_unit_starts_or_fails_and_can_be_stopped(body: bytes) -> None:
    for options in _read(body):
        keys = FakeKeys({"/configs/elasticsearch": "cluster.name: es-prod\n"})
        files = {"/etc/environment": ENVIRONMENT}
        start_unit("elasticsearch@1.service", options, files, keys)
        stop_unit("elasticsearch@1.service", options, files, keys, nobody_answers)


@fuzzed(USER_DATA, changed(GOOD_USER_DATA))
def test_user_data_makes_a_machine_of_a_fleet_or_none(body: bytes) -> None:
    machine = machine_of("17", "core1", "127.20.0.2", body.decode(errors="replace"))
    assert machine is None or (machine.ip, machine.instance) == ("127.20.0.2", "core1")


@pytest.mark.parametrize("body", GOOD_USER_DATA)
def test_what_the_others_begin_from_boots_into_a_fleet(body: bytes) -> None:
    assert machine_of("17", "core1", "127.20.0.2", body.decode()) is not None


def _read(body: bytes) -> list[tuple[Option, ...]]:
    """As fleet hands it to the machine; nothing if fleet refuses it."""
    options = outcome(lambda: parse(body.decode(errors="replace")), UnitFileError)
    return [] if options is None else [options]
