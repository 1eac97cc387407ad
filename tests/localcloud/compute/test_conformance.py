"""What is served is what Google's description of the API says, path by path and field by field."""

import re
from dataclasses import dataclass, field
from typing import Any

import pytest

from localcloud.compute.api.asked import Route
from localcloud.compute.api.routes import ROUTES
from tests.localcloud.compute.api import Api
from tests.localcloud.compute.conformance import methods, violations, wrong_reply
from tests.localcloud.compute.world import FIREWALL, IMAGE, RICH, ZONE, body

REGION = "europe-west1"
IMAGE_NAME = IMAGE.rpartition("/")[2]
REQUEST_ID = "6f1d3a52-0000-4000-8000-000000000001"
READS = (
    "projects.get",
    *("zones.get", "zones.list", "regions.get", "regions.list"),
    *("instances.get", "instances.list", "instances.aggregatedList"),
    "instances.getSerialPortOutput",
    *("disks.get", "disks.list", "disks.aggregatedList"),
    *("addresses.get", "addresses.list", "addresses.aggregatedList"),
    *("globalAddresses.get", "globalAddresses.list"),
    *("machineTypes.get", "machineTypes.list", "machineTypes.aggregatedList"),
    *("diskTypes.get", "diskTypes.list", "diskTypes.aggregatedList"),
    *("subnetworks.get", "subnetworks.list", "subnetworks.aggregatedList"),
    *("networks.get", "networks.list", "routes.get", "routes.list"),
    *("firewalls.get", "firewalls.list"),
    *("images.get", "images.list", "images.getFromFamily", "imageFamilyViews.get"),
    *("zoneOperations.get", "zoneOperations.list", "zoneOperations.wait"),
    *("regionOperations.get", "regionOperations.list", "regionOperations.wait"),
    *("globalOperations.get", "globalOperations.list", "globalOperations.wait"),
    "globalOperations.aggregatedList",
)


@dataclass(frozen=True, slots=True)
class Ask:
    """A write that is carried out on the furnished project; `stopped`: after this verb; `read`:
    with what is there in the body."""

    body: Any = None
    query: dict[str, str] = field(default_factory=dict)
    stopped: str = ""
    on: str = "core1"
    read: bool = False


EMPTY = {"labelFingerprint": "42WmSpB8rSM=", "labels": {}}
WRITES: dict[str, Ask] = {
    "instances.addAccessConfig": Ask({"type": "ONE_TO_ONE_NAT"}, {"networkInterface": "nic0"}),
    "instances.attachDisk": Ask({"source": f"zones/{ZONE}/disks/spare"}),
    "instances.delete": Ask(),
    "instances.deleteAccessConfig": Ask(None, {"accessConfig": "External NAT"}, on="core2"),
    "instances.detachDisk": Ask(None, {"deviceName": "data"}),
    "instances.insert": Ask(body("core9", **RICH)),
    "instances.performMaintenance": Ask(),
    "instances.reset": Ask(),
    "instances.resume": Ask(stopped="suspend"),
    "instances.setDeletionProtection": Ask(None, {"deletionProtection": "true"}),
    "instances.setDiskAutoDelete": Ask(None, {"autoDelete": "true", "deviceName": "data"}),
    "instances.setLabels": Ask(EMPTY),
    "instances.setMachineType": Ask({"machineType": f"zones/{ZONE}/machineTypes/f1-micro"}),
    "instances.setMetadata": Ask({"fingerprint": "42WmSpB8rSM="}),
    "instances.setMinCpuPlatform": Ask({"minCpuPlatform": "Intel Haswell"}),
    "instances.setScheduling": Ask({"automaticRestart": False}),
    "instances.setServiceAccount": Ask({"email": "me", "scopes": ["a"]}),
    "instances.setTags": Ask({"fingerprint": "42WmSpB8rSM=", "items": ["a"]}),
    "instances.simulateMaintenanceEvent": Ask(),
    "instances.start": Ask(stopped="stop"),
    "instances.stop": Ask(),
    "instances.suspend": Ask(),
    "instances.update": Ask({"deletionProtection": True}, read=True),
    "disks.delete": Ask(),
    "disks.insert": Ask({"name": "more", "sizeGb": "20"}, {"sourceImage": IMAGE}),
    "disks.resize": Ask({"sizeGb": "100"}),
    "disks.setLabels": Ask(EMPTY),
    "addresses.delete": Ask(),
    "addresses.insert": Ask({"name": "another", "addressType": "INTERNAL"}),
    "addresses.setLabels": Ask(EMPTY),
    "globalAddresses.delete": Ask(),
    "globalAddresses.insert": Ask({"name": "another"}),
    "globalAddresses.setLabels": Ask(EMPTY),
    "firewalls.delete": Ask(),
    "firewalls.insert": Ask({**FIREWALL, "name": "another"}),
    "firewalls.patch": Ask({"priority": 7}),
    "firewalls.update": Ask(FIREWALL),
    "zoneOperations.delete": Ask(),
    "regionOperations.delete": Ask(),
    "globalOperations.delete": Ask(),
}


class Furnished:
    """A project that has one of everything, and the names that fill a path of the API."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.names = {
            "zone": ZONE,
            "region": REGION,
            "instance": "core1",
            "disk": "spare",
            "address": "vip",
            "firewall": "fw",
            "network": "default",
            "subnetwork": "default",
            "machineType": "g1-small",
            "diskType": "pd-ssd",
            "image": IMAGE_NAME,
            "family": "coreos-alpha",
        }

    async def furnish(self) -> None:
        data = {"name": "data", "sizeGb": "5"}
        await self._api.call("POST", f"/zones/{ZONE}/disks", data)
        attached = [*body("core1")["disks"], {"source": f"zones/{ZONE}/disks/data"}]
        attached[1]["deviceName"] = "data"
        await self._api.insert("core1", disks=attached)
        await self._api.insert("core2", **RICH)
        await self._api.call("POST", f"/zones/{ZONE}/disks", {"name": "spare", "sizeGb": "5"})
        await self._api.call("POST", "/global/firewalls", FIREWALL)
        await self._api.call("POST", f"/regions/{REGION}/addresses", {"name": "vip"})
        await self._api.call("POST", "/global/addresses", {"name": "vip"})
        self._api.world.compute.mishaps.crash("core2")
        self._api.world.compute.mishaps.stockout(ZONE, None, self._api.world.until(10))
        await self._api.insert("core3")
        self.names["route"] = (await self._api.get("/global/routes"))["items"][0]["name"]

    async def path(self, method: str) -> str:
        """With the names in it; a `{resource}` and an operation are those of its collection."""
        collection, _ = method.split(".")
        path = methods()[method].path.removeprefix("projects/{project}")
        if "{operation}" in path:
            listed = await self._api.get(path.partition("/{operation}")[0].format(**self.names))
            self.names["operation"] = listed["items"][0]["name"]
        kind = {"addresses": "address", "globalAddresses": "address"}
        self.names["resource"] = self.names.get(kind.get(collection, collection[:-1]), "")
        return path.format(**self.names)


@pytest.fixture
async def furnished(api: Api) -> Furnished:
    project = Furnished(api)
    await project.furnish()
    return project


@pytest.mark.parametrize("method", READS)
async def test_a_read_conforms(method: str, furnished: Furnished, api: Api) -> None:
    """`call` holds every answer against the schema that the API promises for its path."""
    project = "coreos-cloud" if method.startswith("image") else "p"
    path = await furnished.path(method)
    status, answer = await api.call(methods()[method].http, path, None, project)
    assert (status, answer.get("image", answer)["kind"][:8]) == (200, "compute#")


@pytest.mark.parametrize("method", [one for one in READS if one.endswith(".list")])
async def test_a_list_may_be_filtered_by_each_field_that_it_shows(
    method: str, furnished: Furnished, api: Api
) -> None:
    project = "coreos-cloud" if method.startswith("image") else "p"
    path = await furnished.path(method)
    shown = (await api.get(path, project))["items"]
    for field_ in sorted({name for one in shown for name in one}):
        found = (await api.get(path, project, filter=f"{field_}:*"))["items"]
        assert found == [one for one in shown if field_ in one], field_


@pytest.mark.parametrize("method", WRITES)
async def test_a_write_conforms_in_each_state_of_its_operation(
    method: str, furnished: Furnished, api: Api
) -> None:
    ask = WRITES[method]
    furnished.names["instance"] = ask.on
    path = await furnished.path(method)
    if ask.stopped:
        await api.call("POST", f"/zones/{ZONE}/instances/core1/{ask.stopped}")
        api.world.advance()
    body = {**await api.get(path), **ask.body} if ask.read else ask.body
    status, operation = await api.call(
        methods()[method].http, path, body, "p", requestId=REQUEST_ID, **ask.query
    )
    assert status == 200, operation
    for later_seconds in (0, 1, 60):
        api.world.advance(later_seconds)
        if operation:  # a record that is deleted leaves nothing behind
            await api.get(operation["selfLink"].partition("/projects/p")[2])


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


@pytest.mark.parametrize(
    ("method", "path", "status", "answer"),
    [
        pytest.param("GET", "projects/p", 404, {"error": {"code": 400}}, id="another code"),
        pytest.param("GET", "projects/p", 404, {"message": "gone"}, id="an error without form"),
        pytest.param("GET", "projects/p/nothing", 200, {}, id="a path that is not of the API"),
        pytest.param("GET", "projects/p", 200, {"colour": "red"}, id="a field that is not known"),
    ],
)
def test_the_judge_refuses_a_reply_with(method: str, path: str, status: int, answer: Any) -> None:
    assert wrong_reply(method, path, status, answer)


def test_every_route_is_one_of_the_api_and_every_method_that_is_claimed_is_a_route() -> None:
    claims = (methods()[name] for name in (*READS, *WRITES))
    claimed = {f"{claim.http} {_unnamed(claim.path)}" for claim in claims}
    assert {f"{route.method} {_unnamed(_path(route))}" for route in ROUTES} == claimed


def _path(route: Route) -> str:
    return f"projects/{{project}}/{route.path}".removesuffix("/")


def _unnamed(path: str) -> str:
    """The names of parameters do not matter."""
    return re.sub(r"\{\w+\}", "{}", path)
