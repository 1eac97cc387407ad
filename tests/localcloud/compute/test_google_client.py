"""The real google-cloud-compute client speaks to the local API without knowing it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.localcloud.compute.api import Api
from tests.localcloud.compute.world import IMAGE, ZONE, World

TIMEOUT_SECONDS = 30
PROJECT = "my-project"
REQUEST_ID = "6f1d3a52-0000-4000-8000-000000000001"


@dataclass
class Google:
    """The client's own classes, called in a thread with one attempt and a timeout."""

    api: Api
    executor: ThreadPoolExecutor
    clients: dict[str, Any] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.api.world

    async def call(self, client: str, method: str, **arguments: Any) -> Any:
        return await self._in_thread(lambda: self._call(client, method, arguments))

    async def collect(self, client: str, method: str, **request: Any) -> list[Any]:
        """All items, over all pages, which the client reads while it is iterated."""
        arguments = {"request": {"project": PROJECT, **request}}
        found: list[Any] = await self._in_thread(
            lambda: list(self._call(client, method, arguments))
        )
        return found

    async def insert(self, name: str = "core1", **extra: Any) -> Any:
        request = {
            "project": PROJECT,
            "zone": ZONE,
            "instance_resource": resource(name),
            "request_id": REQUEST_ID,
            **extra,
        }
        return await self.call("InstancesClient", "insert_unary", request=request)

    async def instance(self, name: str = "core1") -> Any:
        return await self.call("InstancesClient", "get", zone=ZONE, instance=name)

    async def operation(self, name: str) -> Any:
        return await self.call("ZoneOperationsClient", "get", zone=ZONE, operation=name)

    def _call(self, client: str, method: str, arguments: dict[str, Any]) -> Any:
        if "request" not in arguments:
            arguments = {"project": PROJECT, **arguments}
        function = getattr(self._client(client), method)
        return function(retry=None, timeout=TIMEOUT_SECONDS, **arguments)

    def _client(self, name: str) -> Any:
        from google.auth.credentials import AnonymousCredentials
        from google.cloud import compute_v1

        if name not in self.clients:
            self.clients[name] = getattr(compute_v1, name)(
                credentials=AnonymousCredentials(),
                client_options={"api_endpoint": self.api.endpoint},
            )
        return self.clients[name]

    async def _in_thread(self, call: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.executor, call)

    def close(self) -> None:
        for client in self.clients.values():
            client.transport.close()
        self.executor.shutdown()


def resource(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "machine_type": f"zones/{ZONE}/machineTypes/g1-small",
        "disks": [
            {"boot": True, "auto_delete": True, "initialize_params": {"source_image": IMAGE}}
        ],
        "network_interfaces": [{"network": "global/networks/default"}],
        "labels": {"role": "core"},
        "metadata": {"items": [{"key": "user-data", "value": "#cloud-config"}]},
    }


@pytest.fixture
async def google(api: Api) -> AsyncIterator[Google]:
    client = Google(api, ThreadPoolExecutor(max_workers=2))
    yield client
    client.close()


async def test_an_insert_is_followed_by_its_operation_to_a_running_instance(
    google: Google,
) -> None:
    operation = await google.insert()
    assert operation.status.name == "PENDING"
    google.world.advance(1)
    assert (await google.operation(operation.name)).status.name == "RUNNING"
    google.world.advance(2)
    assert (await google.operation(operation.name)).status.name == "DONE"
    instance = await google.instance()
    assert (instance.status, str(instance.id)) == ("RUNNING", str(operation.target_id))
    assert instance.network_interfaces[0].network_i_p == "127.20.0.2"
    assert dict(instance.labels) == {"role": "core"}
    assert instance.metadata.items[0].value == "#cloud-config"


async def test_the_same_request_id_is_the_same_operation(google: Google) -> None:
    first = await google.insert()
    second = await google.insert()
    assert (second.name, second.client_operation_id) == (first.name, REQUEST_ID)
    assert google.world.names() == ["core1"]


async def test_lists_come_in_pages_and_through_filters(google: Google) -> None:
    for name in ("core1", "core2", "core3"):
        await google.insert(name, request_id="")
    listed = await google.collect("InstancesClient", "list", zone=ZONE, max_results=2)
    assert [one.name for one in listed] == ["core1", "core2", "core3"]
    listed = await google.collect("InstancesClient", "list", zone=ZONE, filter="name=core2")
    assert [one.name for one in listed] == ["core2"]


async def test_an_aggregated_list_finds_instances_in_every_zone(google: Google) -> None:
    await google.insert()
    scopes = dict(await google.collect("InstancesClient", "aggregated_list"))
    assert [one.name for one in scopes[f"zones/{ZONE}"].instances] == ["core1"]
    assert scopes["zones/us-central1-a"].warning.code == "NO_RESULTS_ON_PAGE"


async def test_a_crashed_instance_is_started_and_deleted_by_its_numeric_id(
    google: Google,
) -> None:
    await google.insert()
    google.world.advance()
    google.world.compute.mishaps.crash("core1")
    instance = await google.instance()
    assert instance.status == "TERMINATED"
    number = str(instance.id)
    await google.call("InstancesClient", "start_unary", zone=ZONE, instance=number)
    google.world.advance()
    assert (await google.instance()).status == "RUNNING"
    await google.call("InstancesClient", "delete_unary", zone=ZONE, instance=number)
    google.world.advance()
    assert google.world.names() == []


async def test_labels_and_metadata_are_changed_under_their_fingerprints(google: Google) -> None:
    from google.api_core.exceptions import PreconditionFailed

    await google.insert()
    google.world.advance()
    before = await google.instance()
    wanted = {"labels": {"role": "jenkins"}, "label_fingerprint": before.label_fingerprint}
    arguments = {
        "zone": ZONE,
        "instance": "core1",
        "instances_set_labels_request_resource": wanted,
    }
    await google.call("InstancesClient", "set_labels_unary", **arguments)
    assert dict((await google.instance()).labels) == {"role": "jenkins"}
    with pytest.raises(PreconditionFailed):
        await google.call("InstancesClient", "set_labels_unary", **arguments)


async def test_what_is_not_there_and_what_is_there_already_are_told_apart(
    google: Google,
) -> None:
    from google.api_core.exceptions import Conflict, NotFound

    with pytest.raises(NotFound) as missing:
        await google.instance("core9")
    assert missing.value.errors[0]["reason"] == "notFound"
    await google.insert()
    with pytest.raises(Conflict) as taken:
        await google.insert(request_id="")
    assert taken.value.errors[0]["reason"] == "alreadyExists"


async def test_a_stockout_is_read_from_the_operation(google: Google) -> None:
    google.world.compute.mishaps.stockout(ZONE, None, google.world.until(100))
    operation = await google.insert()
    google.world.advance()
    done = await google.operation(operation.name)
    assert done.status.name == "DONE"
    assert [error.code for error in done.error.errors] == ["ZONE_RESOURCE_POOL_EXHAUSTED"]


async def test_a_lost_reply_is_a_broken_connection(google: Google) -> None:
    import requests

    google.world.compute.mishaps.lose_replies(1)
    with pytest.raises(requests.exceptions.ConnectionError):
        await google.insert()
    assert (await google.insert()).client_operation_id == REQUEST_ID
    assert google.world.names() == ["core1"]


async def test_a_rate_limit_is_forbidden_with_its_reason(google: Google) -> None:
    from google.api_core.exceptions import Forbidden

    google.world.compute.mishaps.rate_limit(google.world.until(100))
    with pytest.raises(Forbidden) as refused:
        await google.instance()
    assert refused.value.errors[0]["reason"] == "rateLimitExceeded"


async def test_an_image_is_found_by_its_family(google: Google) -> None:
    arguments = {"project": "coreos-cloud", "family": "coreos-alpha"}
    image = await google.call("ImagesClient", "get_from_family", **arguments)
    assert image.name == "coreos-alpha-423-0-0-v20140828"


@pytest.mark.parametrize(
    ("client", "request_fields", "wanted"),
    [
        ("ZonesClient", {}, ZONE),
        ("RegionsClient", {}, "europe-west1"),
        ("MachineTypesClient", {"zone": ZONE}, "g1-small"),
        ("NetworksClient", {}, "default"),
        ("FirewallsClient", {}, "default-allow-ssh"),
    ],
)
async def test_the_catalogue_is_there(
    client: str, request_fields: dict[str, str], wanted: str, google: Google
) -> None:
    names = [one.name for one in await google.collect(client, "list", **request_fields)]
    assert wanted in names


async def test_a_firewall_is_made_patched_and_deleted(google: Google) -> None:
    rule = {"name": "fw", "allowed": [{"I_p_protocol": "tcp", "ports": ["22"]}]}
    await google.call("FirewallsClient", "insert_unary", firewall_resource=rule)
    change = {"source_ranges": ["10.0.0.0/8"]}
    await google.call("FirewallsClient", "patch_unary", firewall="fw", firewall_resource=change)
    found = await google.call("FirewallsClient", "get", firewall="fw")
    assert (list(found.source_ranges), found.allowed[0].I_p_protocol) == (["10.0.0.0/8"], "tcp")
    operation = await google.call("FirewallsClient", "delete_unary", firewall="fw")
    google.world.advance()
    done = await google.call("GlobalOperationsClient", "get", operation=operation.name)
    assert done.status.name == "DONE"
