"""Every answer is one that Google's description of the API allows."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from localcloud.compute.model import Compute
from localcloud.compute.server import app
from localcloud.journal import Journal
from tests.localcloud.compute.api import Api
from tests.localcloud.compute.conformance import paths, violations
from tests.localcloud.compute.world import ZONE, World, body

RICH: dict[str, Any] = {
    "description": "a node",
    "labels": {"role": "core"},
    "tags": {"items": ["core"]},
    "metadata": {"items": [{"key": "user-data", "value": "#cloud-config"}]},
    "networkInterfaces": [{"accessConfigs": [{"type": "ONE_TO_ONE_NAT"}]}],
    "scheduling": {"provisioningModel": "SPOT", "preemptible": True},
    "serviceAccounts": [{"email": "default", "scopes": ["a"]}],
}
SCOPE = f"/zones/{ZONE}"
SCOPES = {"zones": "zones/{zone}", "regions": "regions/{region}", "global": "global"}
REQUEST_ID = "6f1d3a52-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("path", "schema", "project"),
    [
        ("", "Project", "p"),
        ("/zones", "ZoneList", "p"),
        (SCOPE, "Zone", "p"),
        ("/regions", "RegionList", "p"),
        ("/regions/europe-west1", "Region", "p"),
        (f"{SCOPE}/machineTypes", "MachineTypeList", "p"),
        (f"{SCOPE}/machineTypes/g1-small", "MachineType", "p"),
        ("/aggregated/machineTypes", "MachineTypeAggregatedList", "p"),
        (f"{SCOPE}/instances", "InstanceList", "p"),
        (f"{SCOPE}/instances/core1", "Instance", "p"),
        (f"{SCOPE}/instances/core2", "Instance", "p"),
        (f"{SCOPE}/instances/core1/serialPort", "SerialPortOutput", "p"),
        ("/aggregated/instances", "InstanceAggregatedList", "p"),
        (f"{SCOPE}/disks", "DiskList", "p"),
        (f"{SCOPE}/disks/core1", "Disk", "p"),
        ("/aggregated/disks", "DiskAggregatedList", "p"),
        (f"{SCOPE}/operations", "OperationList", "p"),
        ("/regions/europe-west1/operations", "OperationList", "p"),
        ("/global/operations", "OperationList", "p"),
        ("/aggregated/operations", "OperationAggregatedList", "p"),
        ("/global/networks", "NetworkList", "p"),
        ("/global/networks/default", "Network", "p"),
        ("/global/firewalls", "FirewallList", "p"),
        ("/global/firewalls/default-allow-ssh", "Firewall", "p"),
        ("/global/images", "ImageList", "coreos-cloud"),
        ("/global/images/coreos-alpha-394-0-0-v20140801", "Image", "coreos-cloud"),
        ("/global/images/family/coreos-alpha", "Image", "coreos-cloud"),
        ("/global/images/family/flatcar-stable", "Image", "kinvolk-public"),
    ],
)
async def test_a_read_conforms(path: str, schema: str, project: str, api: Api) -> None:
    await api.insert("core1", **RICH)
    await api.insert("core2")
    api.world.compute.crash("core2")
    api.world.compute.stockout(ZONE, None, api.world.until(10))
    await api.insert("core3")
    await api.call("DELETE", "/global/firewalls/default-allow-rdp")
    assert violations(await api.get(path, project), schema) == []


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("POST", f"{SCOPE}/instances", body("core2", **RICH)),
        ("POST", f"{SCOPE}/instances/core1/stop", None),
        ("POST", f"{SCOPE}/instances/core1/setMachineType", None),
        ("DELETE", f"{SCOPE}/instances/core1", None),
        ("POST", "/global/firewalls", {"name": "fw", "allowed": [{"IPProtocol": "icmp"}]}),
    ],
)
@pytest.mark.parametrize("later_seconds", [0, 1, 60])
async def test_an_operation_conforms_in_each_of_its_states(
    method: str, path: str, sent: Any, later_seconds: float, api: Api
) -> None:
    await api.insert("core1")
    _, operation = await api.call(method, path, sent, requestId=REQUEST_ID)
    api.world.advance(later_seconds)
    where = "/global" if "zone" not in operation else SCOPE
    found = await api.get(f"{where}/operations/{operation['name']}")
    assert violations(found, "Operation") == []
    assert found["clientOperationId"] == REQUEST_ID


def test_the_judge_finds_what_is_wrong() -> None:
    wrong = {"name": 1, "status": "ASLEEP", "colour": "red", "disks": [{"boot": "yes"}], "id": "x"}
    found = [violation.split(":")[0] for violation in violations(wrong, "Instance")]
    assert found == [
        "Instance.name",
        "Instance.status",
        "Instance.colour",
        "Instance.disks[0].boot",
        "Instance.id",
    ]


def test_every_route_is_one_of_the_api(world: World) -> None:
    known = {_unnamed(path) for path in paths()}
    served = {_unnamed(path) for path in _served(world.compute)}
    assert served - known == set()


def _served(model: Compute) -> Iterator[str]:
    """`METHOD path` of every route, with the scopes and verbs that it stands for filled in."""
    for route in app(model, Journal()).router.routes():
        assert route.resource
        info = route.resource.get_info()
        pattern = info["pattern"].pattern if "pattern" in info else info["path"]
        scope = next((scope for word, scope in SCOPES.items() if word in pattern), "")
        path = route.resource.canonical.removeprefix("/compute/v1/").replace("{scope}", scope)
        verbs = model.verbs if "{verb}" in path else [""]
        if route.method != "HEAD":
            yield from (f"{route.method} {path.replace('{verb}', verb)}" for verb in verbs)


def _unnamed(path: str) -> str:
    """The names of parameters do not matter."""
    return re.sub(r"\{\+?\w+\}", "{}", path)
