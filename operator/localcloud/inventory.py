"""What exists in the cloud at the moment, as JSON values: `localcloud state`."""

from dataclasses import asdict
from typing import Any

from localcloud.cloud import Cloud
from localcloud.faults import standing


def inventory(cloud: Cloud) -> dict[str, Any]:
    return {
        "time": cloud.now(),
        "instances": _instances(cloud),
        "disks": _disks(cloud),
        "addresses": _addresses(cloud),
        "firewalls": sorted(one.name for one in cloud.compute.state.firewalls.values()),
        "machines": [
            {"id": machine.id, "ip": machine.ip, "instance": machine.instance}
            for machine in cloud.fleet.machines()
        ],
        "units": _units(cloud),
        "nodes": _nodes(cloud),
        "faults": [asdict(one) for one in standing(cloud)],
    }


def _instances(cloud: Cloud) -> list[dict[str, Any]]:
    rows = []
    for instance in cloud.compute.state.instances.values():
        machine = cloud.machine(instance.id)
        rows.append(
            {
                "name": instance.name,
                "id": instance.id,
                "zone": instance.zone,
                "status": instance.status,
                "ip": instance.ip,
                "hung": instance.hung,
                "machineId": machine.id if machine else None,
            }
        )
    return sorted(rows, key=lambda row: str(row["name"]))


def _disks(cloud: Cloud) -> list[dict[str, Any]]:
    rows = [
        {"name": disk.name, "zone": disk.zone, "sizeGb": disk.size_gb, "instance": disk.user}
        for disk in cloud.compute.state.disks.values()
    ]
    return sorted(rows, key=lambda row: str(row["name"]))


def _addresses(cloud: Cloud) -> list[dict[str, Any]]:
    rows = [
        {
            "name": address.name,
            "region": address.region or None,
            "ip": address.ip,
            "user": cloud.compute.addresses.user(address),
        }
        for address in cloud.compute.state.addresses.values()
    ]
    return sorted(rows, key=lambda row: str(row["name"]))


def _units(cloud: Cloud) -> list[dict[str, Any]]:
    states = {state.name: state for state in cloud.fleet.states()}
    rows = []
    for unit in cloud.fleet.units():
        state = states.get(unit.name)
        rows.append(
            {
                "name": unit.name,
                "desired": unit.desired,
                "current": unit.current,
                "machineId": unit.machine_id,
                "active": state.active if state else None,
                "sub": state.sub if state else None,
            }
        )
    return rows


def _nodes(cloud: Cloud) -> list[dict[str, Any]]:
    model = cloud.elasticsearch
    rows = []
    for node in model.live():
        master = node.state.member(node.master)
        rows.append(
            {
                "name": node.spec.name,
                "id": node.id,
                "ip": node.spec.ip,
                "cluster": node.spec.cluster_name,
                "master": master.spec.name if master else None,
                "members": [member.spec.name for member in model.members(node)],
            }
        )
    return sorted(rows, key=lambda row: str(row["name"]))
