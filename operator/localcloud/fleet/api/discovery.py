"""The discovery document of the API: a Google-style description, made from two small tables."""

import json
from typing import Any

_STRING = {"type": "string"}
_STATES = {"type": "string", "enum": ["inactive", "loaded", "launched"]}
_STATE_WORDS = ("hash", "machineID", "systemdLoadState", "systemdActiveState", "systemdSubState")


def text(*, one_state: bool) -> str:
    """Byte for byte a constant of fleetd. `one_state`: it has a way to the state of one unit."""
    return json.dumps(_document(one_state), indent=2) + "\n"


def _document(one_state: bool) -> dict[str, Any]:
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": "fleet:v1",
        "name": "schema",
        "version": "v1",
        "title": "fleet API",
        "description": "",
        "documentationLink": "http://github.com/coreos/fleet",
        "protocol": "rest",
        "icons": {"x16": "", "x32": ""},
        "labels": [],
        "baseUrl": "$ENDPOINT/fleet/v1/",
        "basePath": "/fleet/v1/",
        "rootUrl": "$ENDPOINT/",
        "servicePath": "fleet/v1/",
        "batchPath": "batch",
        "parameters": {},
        "auth": {},
        "schemas": _schemas(),
        "resources": _resources(one_state),
    }


def _schemas() -> dict[str, Any]:
    metadata = {"type": "object", "properties": {}, "additionalProperties": _STRING}
    machine = {"id": _STRING, "primaryIP": _STRING, "metadata": metadata}
    unit = {
        "name": _STRING,
        "options": {"type": "array", "items": {"$ref": "UnitOption"}},
        "desiredState": _STATES,
        "currentState": _STATES,
        "machineID": {"type": "string", "required": True},
    }
    return {
        "Machine": _schema("Machine", machine),
        "MachinePage": _page("Machine", "machines"),
        "UnitOption": _schema("UnitOption", dict.fromkeys(("section", "name", "value"), _STRING)),
        "Unit": _schema("Unit", unit),
        "UnitPage": _page("Unit", "units"),
        "UnitState": _schema("UnitState", dict.fromkeys(("name", *_STATE_WORDS), _STRING)),
        "UnitStatePage": _page("UnitState", "states"),
    }


def _schema(id_: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"id": id_, "type": "object", "properties": properties}


def _page(of: str, name: str) -> dict[str, Any]:
    items = {"type": "array", "items": {"$ref": of}}
    return _schema(f"{of}Page", {name: items, "nextPageToken": _STRING})


def _resources(one_state: bool) -> dict[str, Any]:
    one = "Retrieve a single Unit object."
    about_one_state = "Retrieve a page of a single UnitState object."
    state_get = _item("UnitState.Get", about_one_state, "GET", "state", answers="UnitState")
    return {
        "Machines": {"methods": {"List": _list("Machine", "machines")}},
        "Units": {
            "methods": {
                "List": _list("Unit", "units"),
                "Get": _item("Unit.Get", one, "GET", "units", answers="Unit"),
                "Delete": _item(
                    "Unit.Delete", "Delete the referenced Unit object.", "DELETE", "units"
                ),
                "Set": _item("Unit.Set", "Create or update a Unit.", "PUT", "units", takes="Unit"),
            }
        },
        "UnitState": {
            "methods": {
                **({"Get": state_get} if one_state else {}),
                "List": _list("UnitState", "state", "unitName", "machineID"),
            }
        },
    }


def _list(of: str, path: str, *filters: str) -> dict[str, Any]:
    query = {"type": "string", "location": "query"}
    return {
        "id": f"fleet.{of}.List",
        "description": f"Retrieve a page of {of} objects.",
        "httpMethod": "GET",
        "path": path,
        "parameters": dict.fromkeys(("nextPageToken", *filters), query),
        "response": {"$ref": f"{of}Page"},
    }


def _item(
    id_: str, description: str, method: str, path: str, takes: str = "", answers: str = ""
) -> dict[str, Any]:
    name = {"type": "string", "location": "path", "required": True}
    references = {"request": takes, "response": answers}
    return {
        "id": f"fleet.{id_}",
        "description": description,
        "httpMethod": method,
        "path": f"{path}/{{unitName}}",
        "parameters": {"unitName": name},
        "parameterOrder": ["unitName"],
        **{key: {"$ref": schema} for key, schema in references.items() if schema},
    }
