"""The paths of the API that change something; most answer with the operation that they began."""

from collections.abc import Iterator

from localcloud.compute import rates
from localcloud.compute.api.asked import SCOPES, Asked, Read, Route, Write
from localcloud.compute.api.reads import getter
from localcloud.compute.api.render import Body
from localcloud.compute.model import Compute
from localcloud.compute.resources import Operation

_INSTANCES = "zones/{zone}/instances"
_INSTANCE = f"{_INSTANCES}/{{name}}"
_DISKS = "zones/{zone}/disks"
_FIREWALLS = "global/firewalls"
_ACTIONS = {"DELETE": "delete", "PATCH": "patch", "POST": "insert", "PUT": "update"}

_INSTANCE_VERBS = (
    "addAccessConfig",
    "attachDisk",
    "deleteAccessConfig",
    "detachDisk",
    "performMaintenance",
    "reset",
    "resume",
    "setDeletionProtection",
    "setDiskAutoDelete",
    "setLabels",
    "setMachineType",
    "setMetadata",
    "setMinCpuPlatform",
    "setScheduling",
    "setServiceAccount",
    "setTags",
    "simulateMaintenanceEvent",
    "start",
    "stop",
    "suspend",
)
# What these want is in parameters of the request; the rest have a body, or need none.
_BY_PARAMETERS = {
    "deleteAccessConfig": {"accessConfig": ""},
    "detachDisk": {"deviceName": ""},
    "setDeletionProtection": {"deletionProtection": "true"},
    "setDiskAutoDelete": {"autoDelete": "", "deviceName": ""},
}
_TRUTHS = {"true": True, "false": False}


def writes() -> Iterator[Route]:
    yield _write("POST", _INSTANCES, _insert_instance)
    yield _write("DELETE", _INSTANCE, _delete_instance)
    yield _write("PUT", _INSTANCE, _acting("update"), "update")
    for verb in _INSTANCE_VERBS:
        yield _write("POST", f"{_INSTANCE}/{verb}", _acting(verb), verb)
    yield _write("POST", _DISKS, _insert_disk)
    yield _write("DELETE", f"{_DISKS}/{{name}}", _delete_disk)
    yield _write("POST", f"{_DISKS}/{{name}}/resize", _resize_disk, "resize")
    yield _write("POST", f"{_DISKS}/{{name}}/setLabels", _label_disk, "setLabels")
    for scope in ("regions/{region}/addresses", "global/addresses"):
        yield _write("POST", scope, _insert_address)
        yield _write("DELETE", f"{scope}/{{name}}", _delete_address)
        yield _write("POST", f"{scope}/{{name}}/setLabels", _label_address, "setLabels")
    yield _write("POST", _FIREWALLS, _insert_firewall)
    yield _write("PATCH", f"{_FIREWALLS}/{{name}}", _patch_firewall)
    yield _write("PUT", f"{_FIREWALLS}/{{name}}", _update_firewall)
    yield _write("DELETE", f"{_FIREWALLS}/{{name}}", _delete_firewall)
    for scope in ("zones", "regions", "global"):
        path = f"{SCOPES[scope]}operations/{{name}}"
        yield Route("POST", f"{path}/wait", rates.HEAVY, getter(scope, "operations"))
        yield Route("DELETE", path, rates.DEFAULT, _forgetter(scope), "delete")


def _write(method: str, path: str, write: Write, action: str = "") -> Route:
    return Route(method, path, rates.DEFAULT, write, action or _ACTIONS[method])


def _acting(verb: str) -> Write:
    def write(model: Compute, asked: Asked) -> Operation:
        body = _parameters(verb, asked) if verb in _BY_PARAMETERS else asked.body
        return model.act(verb, asked.zone, asked.name, body, asked.request_id)

    return write


def _parameters(verb: str, asked: Asked) -> Body:
    given = {name: asked.query.get(name, default) for name, default in _BY_PARAMETERS[verb].items()}
    return {name: _TRUTHS.get(value, value) for name, value in given.items()}


def _insert_instance(model: Compute, asked: Asked) -> Operation:
    return model.instances.insert(asked.zone, asked.body, asked.request_id)


def _delete_instance(model: Compute, asked: Asked) -> Operation:
    return model.instances.delete(asked.zone, asked.name, asked.request_id)


def _insert_disk(model: Compute, asked: Asked) -> Operation:
    image = asked.query.get("sourceImage", "")
    return model.disks.insert(asked.zone, asked.body, asked.request_id, image)


def _delete_disk(model: Compute, asked: Asked) -> Operation:
    return model.disks.delete(asked.zone, asked.name, asked.request_id)


def _resize_disk(model: Compute, asked: Asked) -> Operation:
    return model.disks.resize(asked.zone, asked.name, asked.body, asked.request_id)


def _label_disk(model: Compute, asked: Asked) -> Operation:
    return model.disks.set_labels(asked.zone, asked.name, asked.body, asked.request_id)


def _insert_address(model: Compute, asked: Asked) -> Operation:
    return model.addresses.insert(asked.region, asked.body, asked.request_id)


def _delete_address(model: Compute, asked: Asked) -> Operation:
    return model.addresses.delete(asked.region, asked.name, asked.request_id)


def _label_address(model: Compute, asked: Asked) -> Operation:
    return model.addresses.set_labels(asked.region, asked.name, asked.body, asked.request_id)


def _insert_firewall(model: Compute, asked: Asked) -> Operation:
    return model.firewalls.insert(asked.body, asked.request_id)


def _patch_firewall(model: Compute, asked: Asked) -> Operation:
    return model.firewalls.patch(asked.name, asked.body, asked.request_id)


def _update_firewall(model: Compute, asked: Asked) -> Operation:
    return model.firewalls.update(asked.name, asked.body, asked.request_id)


def _delete_firewall(model: Compute, asked: Asked) -> Operation:
    return model.firewalls.delete(asked.name, asked.request_id)


def _forgetter(scope: str) -> Read:
    def write(model: Compute, asked: Asked) -> Body:
        model.operations.delete(asked.scope(scope), asked.name)
        return {}

    return write
