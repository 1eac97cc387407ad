"""JSON as fleetd reads and writes it: its structures and their names, empty fields left out."""

from collections.abc import Mapping
from typing import Any

from localcloud.fleet.api.paging import Page
from localcloud.fleet.gojson import DecodeError, decode, kind, whole
from localcloud.fleet.parts.decisions import metadata_change
from localcloud.fleet.records import ApiError, MetadataChange, Unit, UnitBody, UnitState
from localcloud.seams import Machine, Option

_VALUE_STRUCT = 'struct { Value string "json:\\"value\\"" }'
_VALUE_FIELD = f"Go struct field machineMetadataOp.Value of type {_VALUE_STRUCT}"


def unit_body(body: bytes) -> UnitBody:
    try:
        fields = _object(decode(body), "Go value of type schema.Unit")
        return UnitBody(
            name=_string(fields, "name", "Unit"),
            desired=_string(fields, "desiredState", "Unit"),
            options=tuple(_option(item) for item in _options(fields)),
        )
    except DecodeError as error:
        raise ApiError(400, f"unable to decode body: {error}") from error


def metadata_changes(body: bytes) -> list[MetadataChange]:
    """All are checked before any is applied."""
    try:
        operations = _list(decode(body), "Go value of type []api.machineMetadataOp")
        return [_metadata_change(operation) for operation in operations]
    except DecodeError as error:
        raise ApiError(400, str(error)) from error


def unit_json(unit: Unit) -> dict[str, Any]:
    return _filled(
        name=unit.name,
        options=[_option_json(option) for option in unit.options],
        desiredState=unit.desired,
        currentState=unit.current,
        machineID=unit.machine_id,
    )


def state_json(state: UnitState) -> dict[str, Any]:
    return _filled(
        name=state.name,
        hash=state.hash,
        machineID=state.machine_id,
        systemdLoadState=state.load,
        systemdActiveState=state.active,
        systemdSubState=state.sub,
    )


def machine_json(machine: Machine) -> dict[str, Any]:
    return _filled(id=machine.id, primaryIP=machine.ip, metadata=machine.metadata)


def page_json(name: str, page: Page[dict[str, Any]]) -> dict[str, Any]:
    """A page without items has no list at all."""
    return _filled(**{name: list(page.items), "nextPageToken": page.next_token})


def error_json(status: int, message: str) -> dict[str, Any]:
    return {"error": {"code": status, "message": message}}


def _filled(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def _option_json(option: Option) -> dict[str, Any]:
    return _filled(section=option.section, name=option.name, value=option.value)


def _options(fields: Mapping[str, Any]) -> list[Any]:
    value = fields.get("options")
    return _list(value, "Go struct field Unit.options of type []*schema.UnitOption")


def _option(value: Any) -> Option:
    fields = _object(value, "Go value of type schema.UnitOption")
    names = ("section", "name", "value")
    return Option(*(_string(fields, name, "UnitOption") for name in names))


def _metadata_change(value: Any) -> MetadataChange:
    fields = _object(value, "Go value of type api.machineMetadataOp")
    inner = fields.get("value")
    new: str | None = None
    if inner is not None:
        new = _string(_object(inner, _VALUE_FIELD), "value", _VALUE_STRUCT)
    operation = _string(fields, "op", "machineMetadataOp")
    return metadata_change(operation, _string(fields, "path", "machineMetadataOp"), new)


def _object(value: Any, place: str) -> dict[str, Any]:
    """Go takes a field's name in any case."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _mismatch(value, place)
    return {name.lower(): item for name, item in value.items()}


def _list(value: Any, place: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise _mismatch(value, place)
    return value


def _string(fields: Mapping[str, Any], name: str, struct: str) -> str:
    value = fields.get(name.lower())
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _mismatch(value, f"Go struct field {struct}.{name} of type string")
    return whole(value)


def _mismatch(value: Any, place: str) -> DecodeError:
    return DecodeError(f"json: cannot unmarshal {kind(value)} into {place}")
