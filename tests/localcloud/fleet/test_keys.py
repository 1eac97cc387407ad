"""fleet's keys in etcd, byte for byte as tools read them."""

import json
from collections.abc import Mapping

from localcloud.fleet.keyspace import Key
from localcloud.fleet.parts.mishaps import Mishaps
from localcloud.fleet.records import MetadataChange, UnitBody
from localcloud.fleet.units.unitfile import parse, unit_hash
from localcloud.seams import Option
from tests.localcloud.fleet.support import SLEEPER, Town, machine

ROOT = "/_coreos.com/fleet"


def kept(town: Town) -> Mapping[str, Key]:
    return town.fleet.keys()


def test_the_keys_of_one_launched_unit() -> None:
    town = Town([machine(1, zone="z1")])
    town.launch("a.service")
    id_ = machine(1).id
    keys = town.fleet.keys()
    hash_ = town.fleet.states("a.service")[0].hash
    state = json.dumps(
        {
            "loadState": "loaded",
            "activeState": "active",
            "subState": "running",
            "machineState": {
                "ID": id_,
                "PublicIP": "",
                "Metadata": None,
                "Capabilities": None,
                "Version": "",
            },
            "unitHash": hash_,
        },
        separators=(",", ":"),
    )
    assert {path.removeprefix(ROOT): value for path, (value, _) in keys.items()} == {
        "/engine/version": "1",
        "/lease/engine-leader": f'{{"MachineID":"{id_}","Version":1}}',
        f"/machines/{id_}/object": (
            f'{{"ID":"{id_}","PublicIP":"127.20.0.1","Metadata":{{"zone":"z1"}},'
            '"Capabilities":{"DISABLE_ENGINE":false,"GRPC":false},"Version":"1.0.0"}'
        ),
        f"/unit/{hash_}": json.dumps({"Raw": SLEEPER}, separators=(",", ":")),
        "/job/a.service/object": json.dumps(
            {"Name": "a.service", "UnitHash": list(bytes.fromhex(hash_))}, separators=(",", ":")
        ),
        "/job/a.service/target-state": "launched",
        "/job/a.service/target": id_,
        "/job/a.service/job-state": id_,
        f"/states/a.service/{id_}": state,
        "/state/a.service": state,
    }


def test_who_must_be_alive_has_a_time_to_live() -> None:
    town = Town([machine(1)])
    town.launch("a.service")
    lives = {path.rpartition("/")[2]: ttl for path, (_, ttl) in town.fleet.keys().items()}
    id_ = machine(1).id
    assert 0 < (lives["engine-leader"] or 0) <= 10
    assert 0 < (lives[id_] or 0) <= 30  # states/a.service/ID
    assert 0 < (lives["job-state"] or 0) <= 30
    assert lives["target"] is lives["target-state"] is lives["version"] is None


def test_the_unit_file_of_a_deleted_unit_stays() -> None:
    town = Town()
    town.launch("a.service")
    town.fleet.delete_unit("a.service")
    town.wait(60)
    keys = town.fleet.keys()
    assert sum(path.startswith(f"{ROOT}/unit/") for path in keys) == 1
    assert not any(path.startswith(f"{ROOT}/job/") for path in keys)


def test_a_unit_file_lies_under_the_hash_of_what_was_sent_and_reports_that_of_what_is_read() -> (
    None
):
    town = Town()
    padded = (Option("Service", "ExecStart", "/bin/sleep 1 "),)
    town.fleet.put_unit("a.service", UnitBody("", "launched", padded))
    town.wait()
    assert f"{ROOT}/unit/{unit_hash(padded)}" in kept(town)
    assert town.fleet.states("a.service")[0].hash == unit_hash(
        parse("[Service]\nExecStart=/bin/sleep 1\n")
    )


def test_dynamic_metadata_lies_beside_the_machine_and_never_expires() -> None:
    town = Town([machine(1, role="a")])
    town.fleet.change_metadata([MetadataChange(machine(1).id, "role", "")])
    path = f"{ROOT}/machines/{machine(1).id}"
    assert town.fleet.keys()[f"{path}/metadata/role"] == ("", None)
    assert '"role":"a"' in town.fleet.keys()[f"{path}/object"][0]
    town.fleet.machine_down(machine(1).id)
    town.wait(60)
    assert [key for key in kept(town) if key.startswith(path)] == [f"{path}/metadata/role"]


def test_a_graceful_end_takes_machine_states_and_lease_out_of_etcd_and_a_kill_takes_none() -> None:
    for end, gone in ((Mishaps.fleetd_stop, True), (Mishaps.fleetd_kill, False)):
        town = Town([machine(1)])
        town.launch("a.service")
        end(town.fleet.mishaps, "core1")
        town.wait(3)
        left = {path.removeprefix(ROOT).split("/")[1] for path in kept(town)}
        assert left.isdisjoint({"machines", "states", "state", "lease"}) is gone
