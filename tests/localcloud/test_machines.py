"""User data as a table: which fleet a machine joins, if any."""

import pytest

from localcloud.machines import machine_id, machine_of
from tests.localcloud.support import CORE_USER_DATA, DISCOVERY_USER_DATA

URL = "http://discovery:4001/v2/keys/5f0f9a3e"
IGNITION = '{"ignition": {}, "systemd": {"units": [{"name": "%s", "enabled": true}]}}'


@pytest.mark.parametrize(
    ("user_data", "discovery"),
    [
        pytest.param(CORE_USER_DATA, URL, id="fleet and a discovery URL"),
        pytest.param(DISCOVERY_USER_DATA, "", id="fleet without a URL is a fleet of its own"),
        pytest.param(
            CORE_USER_DATA.replace("etcd:", "etcd2:"), URL, id="the section of a later etcd"
        ),
        pytest.param(IGNITION % "fleet.service", "", id="Ignition that names fleet"),
        pytest.param("#!/bin/sh\nsystemctl start fleet.service\n", "", id="a script with it"),
        pytest.param(IGNITION % "etcd.service", None, id="Ignition without fleet"),
        pytest.param("#!/bin/sh\necho hello\n", None, id="a script without fleet"),
        pytest.param("", None, id="no user data"),
        pytest.param("#cloud-config\ncoreos: [", None, id="no YAML"),
        pytest.param("#cloud-config\ncoreos: 3\n", None, id="no sections"),
        pytest.param(
            "#cloud-config\ncoreos: {units: [{name: fleet.service}]}\n", None, id="not started"
        ),
        pytest.param(
            "#cloud-config\n# fleet.service\ncoreos: {units: []}\n", None, id="only a comment"
        ),
    ],
)
def test_user_data(user_data: str, discovery: str | None) -> None:
    machine = machine_of("17", "core1", "127.20.0.2", user_data)
    assert (machine.discovery if machine else None) == discovery


def test_a_machine_keeps_its_id_over_boots_and_no_other_has_it() -> None:
    assert machine_id("17") == machine_id("17") != machine_id("18")
    assert len(machine_id("17")) == 32


def test_metadata_of_the_fleet_section_goes_with_the_machine() -> None:
    user_data = CORE_USER_DATA + "  fleet:\n    metadata: role=core,zone=b\n"
    machine = machine_of("17", "core1", "127.20.0.2", user_data)
    assert machine is not None
    assert machine.metadata == {"role": "core", "zone": "b"}
