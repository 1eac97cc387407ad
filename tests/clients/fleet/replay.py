"""A fleetd 1.0.0 that answers as prepared: recorded bodies, request lines, refusals."""

from steersman.model.observed import UnitOption
from tests.clients.replay import Behaviour, hangs, says

TIMEOUT_SECONDS = 20.0  # far more than an honest answer takes
SHORT_SECONDS = 2.0  # where silence is waited out
FLEETD = {"Server": "fleetd/1.0.0"}
MACHINE = "aa5869f7de88a0069b34aad12b45a296"
OPTIONS = (
    UnitOption("Unit", "Description", "sleeper"),
    UnitOption("Service", "ExecStart", "/bin/sleep 3000"),
)
OPTIONS_JSON = [
    {"name": "Description", "section": "Unit", "value": "sleeper"},
    {"name": "ExecStart", "section": "Service", "value": "/bin/sleep 3000"},
]
HASH = "cc6890ffdafca8540a9a8f894935a21b31e61151"
MACHINES_JSON = [
    {"id": MACHINE, "metadata": {"role": "data", "zone": "z3"}, "primaryIP": "127.0.0.13"}
]
UNITS_JSON = [
    {
        "currentState": "launched",
        "desiredState": "launched",
        "machineID": MACHINE,
        "name": "foo.service",
        "options": OPTIONS_JSON,
    }
]
STATES_JSON = [
    {
        "hash": HASH,
        "machineID": MACHINE,
        "name": "foo.service",
        "systemdActiveState": "active",
        "systemdLoadState": "loaded",
        "systemdSubState": "running",
    }
]
NO_ETCD = says(
    {"error": {"code": 503, "message": "fleet server unable to communicate with etcd"}}, 503
)
MACHINES, UNITS, STATES = "GET /fleet/v1/machines", "GET /fleet/v1/units", "GET /fleet/v1/state"
FOO = "/fleet/v1/units/foo.service"


def fleetd(**instead: Behaviour) -> dict[str, Behaviour]:
    """A fleet of one machine and one unit; `machines`, `units` or `states` may differ."""
    return {
        MACHINES: instead.get("machines", says({"machines": MACHINES_JSON}, headers=FLEETD)),
        UNITS: instead.get("units", says({"units": UNITS_JSON}, headers=FLEETD)),
        STATES: instead.get("states", says({"states": STATES_JSON}, headers=FLEETD)),
    }


def patience(answer: Behaviour) -> float:
    """How long somebody waits who is answered so, in seconds."""
    return SHORT_SECONDS if answer is hangs else TIMEOUT_SECONDS


def refusal(status: int, message: str = "") -> Behaviour:
    return says({"error": {"code": status, "message": message}}, status, FLEETD)
