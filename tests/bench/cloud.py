"""The cloud of the bench, a process of its own: Compute Engine's list, fleet's API and the nodes
of Elasticsearch over a generated fleet. A unit that is put is there, placed and running at once;
when it was put is told at /puts, in seconds of the machine's monotonic clock."""

import argparse
import json
import time
from collections.abc import Callable, Iterable
from typing import Any

from aiohttp import web

from steersman.model.observed import FleetUnit, Instance, Machine, UnitOption, UnitState
from steersman.model.unitfile import fleet_hash
from tests.bench.nodes import Nodes
from tests.bench.scale import FULL, QUICK, Scale, running

PAGE = 100  # fleet's own
LINK = "https://www.googleapis.com/compute/v1/projects/bench"
INSTANCES = "/compute/v1/projects/{project}/aggregated/instances"
FLEET = "/fleet/v1"
HEADERS = {"Server": "fleetd/1.0.0", "Content-Type": "application/json"}

Body = dict[str, Any]


class Cloud:
    def __init__(self, scale: Scale) -> None:
        self._machines = [_machine(each) for each in scale.machines]
        self._instances = [_instance(each) for each in scale.compute]
        self._units = {each.name: each for each in scale.fleet}
        self._home = scale.machines[0].id  # of every unit that is put later
        self._puts: list[tuple[float, str]] = []
        self._pages: dict[tuple[str, str], bytes] = {}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(INSTANCES, self.instances),
            web.get(f"{FLEET}/machines", lambda asked: self._fleet(asked, "machines")),
            web.get(f"{FLEET}/units", lambda asked: self._fleet(asked, "units")),
            web.get(f"{FLEET}/state", lambda asked: self._fleet(asked, "states")),
            web.get(f"{FLEET}/units/{{name}}", self.get_unit),
            web.put(f"{FLEET}/units/{{name}}", self.put_unit),
            web.get("/puts", self.puts),
        ]

    async def instances(self, asked: web.Request) -> web.Response:
        at, limit = int(asked.query.get("pageToken", "0")), int(asked.query["maxResults"])
        return web.Response(
            body=self._page("instances", str(at), lambda: self._aggregated(at, limit)),
            content_type="application/json",
        )

    async def get_unit(self, asked: web.Request) -> web.Response:
        known = self._units.get(asked.match_info["name"])
        missing = {"error": {"code": 404, "message": "unit does not exist"}}
        body = json.dumps(_unit(known) if known else missing).encode()
        return web.Response(body=body, status=200 if known else 404, headers=HEADERS)

    async def put_unit(self, asked: web.Request) -> web.Response:
        name, body = asked.match_info["name"], await asked.json()
        self._puts.append((time.monotonic(), name))
        known = self._units.get(name)
        lines = body.get("options")
        options = tuple(UnitOption(**line) for line in lines) if lines else known and known.options
        if not options:
            return web.json_response({"error": {"code": 409, "message": "no options"}}, status=409)
        state = body["desiredState"]
        self._units[name] = FleetUnit(
            name,
            options,
            fleet_hash(options),
            state,
            state,
            self._home if state != "inactive" else None,
        )
        self._pages = {at: page for at, page in self._pages.items() if at[0] == "instances"}
        return web.Response(status=204 if known else 201, headers=HEADERS)

    async def puts(self, _asked: web.Request) -> web.Response:
        return web.json_response(self._puts)

    async def _fleet(self, asked: web.Request, what: str) -> web.Response:
        at = asked.query.get("nextPageToken", "0")
        body = self._page(what, at, lambda: _page_of(self._listed(what), what, int(at)))
        return web.Response(body=body, headers=HEADERS)

    def _listed(self, what: str) -> list[Body]:
        if what == "machines":
            return self._machines
        units = [self._units[name] for name in sorted(self._units)]
        if what == "units":
            return [_unit(each) for each in units]
        return [_state(running(each)) for each in units if each.desired_state == "launched"]

    def _aggregated(self, at: int, limit: int) -> Body:
        scopes: dict[str, Body] = {}
        for each in self._instances[at : at + limit]:
            zone = each["zone"].removeprefix(f"{LINK}/")
            scopes.setdefault(zone, {"instances": []})["instances"].append(each)
        more = at + limit < len(self._instances)
        token = {"nextPageToken": str(at + limit)} if more else {}
        return {"kind": "compute#instanceAggregatedList", "items": scopes, **token}

    def _page(self, what: str, at: str, make: Callable[[], Body]) -> bytes:
        """Made once while nothing changes: what is measured is the daemon."""
        if (what, at) not in self._pages:
            self._pages[what, at] = json.dumps(make()).encode()
        return self._pages[what, at]


def _page_of(listed: list[Body], what: str, at: int) -> Body:
    token = {"nextPageToken": str(at + PAGE)} if at + PAGE < len(listed) else {}
    return {what: listed[at : at + PAGE], **token}


def _machine(machine: Machine) -> Body:
    return {"id": machine.id, "primaryIP": machine.ip, "metadata": dict(machine.metadata)}


def _unit(unit: FleetUnit) -> Body:
    return {
        "name": unit.name,
        "options": [_option(each) for each in unit.options],
        "desiredState": unit.desired_state,
        "currentState": unit.current_state,
        **({"machineID": unit.machine_id} if unit.machine_id else {}),
    }


def _option(option: UnitOption) -> Body:
    return {"section": option.section, "name": option.name, "value": option.value}


def _state(state: UnitState) -> Body:
    return {
        "name": state.name,
        "hash": state.hash,
        "machineID": state.machine_id,
        "systemdLoadState": state.load,
        "systemdActiveState": state.active,
        "systemdSubState": state.sub,
    }


def _instance(instance: Instance) -> Body:
    """With the fields that the API always has and nobody asked for: reading them costs, too."""
    zone = f"{LINK}/zones/{instance.zone}"
    network = f"{LINK}/global/networks/default"
    return {
        "kind": "compute#instance",
        "id": instance.id,
        "creationTimestamp": "2014-09-01T05:00:00.000-07:00",
        "name": instance.name,
        "zone": zone,
        "machineType": f"{zone}/machineTypes/{instance.machine_type}",
        "status": instance.status,
        "labels": dict(instance.labels),
        "labelFingerprint": "42WmSpB8rSM=",
        "fingerprint": "42WmSpB8rSM=",
        "tags": {"items": list(instance.tags), "fingerprint": "42WmSpB8rSM="},
        "metadata": {
            "kind": "compute#metadata",
            "fingerprint": "42WmSpB8rSM=",
            "items": [{"key": "user-data", "value": "#cloud-config\n" + "x" * 400}],
        },
        "networkInterfaces": [
            {
                "kind": "compute#networkInterface",
                "name": "nic0",
                "network": network,
                "networkIP": instance.ip,
                "accessConfigs": [
                    {
                        "kind": "compute#accessConfig",
                        "type": "ONE_TO_ONE_NAT",
                        "name": "External NAT",
                    }
                ],
            }
        ],
        "disks": [
            {
                "kind": "compute#attachedDisk",
                "type": "PERSISTENT",
                "mode": "READ_WRITE",
                "boot": True,
                "autoDelete": True,
                "index": 0,
                "deviceName": "persistent-disk-0",
                "source": f"{zone}/disks/{instance.name}",
                "diskSizeGb": "20",
            }
        ],
        "scheduling": {"automaticRestart": True, "onHostMaintenance": "MIGRATE"},
        "selfLink": f"{zone}/instances/{instance.name}",
        "cpuPlatform": "Intel Haswell",
        "deletionProtection": False,
    }


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args(None if arguments is None else list(arguments))
    app = web.Application()
    scale = QUICK if given.quick else FULL
    app.add_routes(Cloud(scale).routes())
    app.on_startup.append(lambda _app: Nodes(scale.nodes).start())
    web.run_app(app, host="127.0.0.1", port=given.port, print=None, access_log=None)


if __name__ == "__main__":
    main()
