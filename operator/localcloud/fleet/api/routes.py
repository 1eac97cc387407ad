"""fleetd's answers to HTTP requests, as data: paths, methods and error bodies."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from localcloud.fleet.api import metrics, wire
from localcloud.fleet.api.discovery import text
from localcloud.fleet.api.paging import page_number, page_of
from localcloud.fleet.gojson import encode
from localcloud.fleet.model import Fleet
from localcloud.fleet.parts.decisions import Change
from localcloud.fleet.records import ApiError
from localcloud.fleet.versions import DYNAMIC_METADATA, STATE_OF_ONE_UNIT, Release, since

BASES = ("/fleet/v1", "/v1-alpha")
JSON = "application/json"
METRICS = "text/plain; version=0.0.4"
UNAVAILABLE = "fleet server unable to communicate with etcd"


class NoAnswerError(Exception):
    """fleetd panics over this request and closes the connection."""


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    path: str  # decoded: fleet sees `a%2Fb` as two segments
    query: Mapping[str, Sequence[str]]
    content_types: Sequence[str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: str = ""
    content_type: str = ""
    action: str = ""  # what a write meant to fleet
    after_seconds: float = 0.0  # what the client waits for it, by the cloud's clock


Handler = Callable[[Call], Answer]


def answer(model: Fleet, call: Call) -> Answer:
    """Raises NoAnswerError."""
    if not model.available:
        return refusal(503, UNAVAILABLE)
    try:
        return _Routes(model).answer(call)
    except ApiError as error:
        return refusal(error.status, error.message, error.after_seconds)


def refusal(status: int, message: str = "", after_seconds: float = 0.0) -> Answer:
    return replace(_json(wire.error_json(status, message), status), after_seconds=after_seconds)


def _json(value: object, status: int = 200) -> Answer:
    return Answer(status, encode(value, sort_keys=True), JSON)


class _Routes:
    def __init__(self, model: Fleet) -> None:
        self._model = model

    def answer(self, call: Call) -> Answer:
        if call.path in ("/", *BASES):
            return refusal(405)
        if call.path == "/metrics":
            return Answer(200, metrics.text(self._model.engine), METRICS)
        for base in BASES:
            if call.path.startswith(f"{base}/"):
                return self._resource(call, call.path.removeprefix(f"{base}/").split("/"))
        return refusal(404)

    def _resource(self, call: Call, segments: list[str]) -> Answer:
        match segments:
            case ["units"]:
                return _of_methods(call, GET=self._list_units)
            case ["units", name] if name:
                return self._unit(call, name)
            case ["state"]:
                return _of_methods(call, GET=self._list_states)
            case ["state", name] if name and self._has(STATE_OF_ONE_UNIT):
                return _of_methods(call, GET=lambda _: self._state(name))
            case ["machines"]:
                return self._machines(call)
            case ["discovery"] if call.method == "GET":
                return Answer(200, text(one_state=self._has(STATE_OF_ONE_UNIT)), JSON)
            case ["discovery"]:
                return refusal(400, "only HTTP GET supported against this resource")
            case _:
                return refusal(404)

    def _has(self, release: Release) -> bool:
        return since(self._model.version, release)

    def _page(self, call: Call, name: str, items: Callable[[], Sequence[dict[str, Any]]]) -> Answer:
        """The token is looked at before etcd is asked for the items."""
        number = page_number(call.query.get("nextPageToken", ()))
        self._model.reach()
        return _json(wire.page_json(name, page_of(items(), number)))

    # units

    def _unit(self, call: Call, name: str) -> Answer:
        return _of_methods(
            call,
            GET=lambda _: self._get_unit(name),
            PUT=lambda call: self._put_unit(call, name),
            DELETE=lambda _: self._delete_unit(name),
        )

    def _list_units(self, call: Call) -> Answer:
        def units() -> list[dict[str, Any]]:
            return [wire.unit_json(unit) for unit in self._model.units()]

        return self._page(call, "units", units)

    def _get_unit(self, name: str) -> Answer:
        self._model.reach()
        unit = self._model.unit(name)
        if unit is None:
            raise ApiError(404, "unit does not exist")
        return _json(wire.unit_json(unit))

    def _put_unit(self, call: Call, name: str) -> Answer:
        _check_content_type(call.content_types)
        body = wire.unit_body(call.body)
        change = self._model.put_unit(name, body)
        if change is Change.UPDATED:
            return Answer(204, action=body.desired)
        return Answer(201, action=change.value)

    def _delete_unit(self, name: str) -> Answer:
        self._model.delete_unit(name)
        return Answer(204, action="destroyed")

    # states

    def _list_states(self, call: Call) -> Answer:
        def states() -> list[dict[str, Any]]:
            found = self._model.states(_first(call, "unitName"), _first(call, "machineID"))
            return [wire.state_json(state) for state in found]

        return self._page(call, "states", states)

    def _state(self, name: str) -> Answer:
        """fleetd follows a null pointer where a unit has no state."""
        self._model.reach()
        state = self._model.latest_state(name)
        if state is None:
            raise NoAnswerError
        return _json(wire.state_json(state))

    # machines

    def _machines(self, call: Call) -> Answer:
        if self._has(DYNAMIC_METADATA):
            return _of_methods(call, GET=self._list_machines, PATCH=self._patch_machines)
        return _of_methods(call, GET=self._list_machines)

    def _list_machines(self, call: Call) -> Answer:
        def machines() -> list[dict[str, Any]]:
            return [wire.machine_json(machine) for machine in self._model.machines()]

        return self._page(call, "machines", machines)

    def _patch_machines(self, call: Call) -> Answer:
        self._model.change_metadata(wire.metadata_changes(call.body))
        return Answer(204, content_type=JSON, action="metadata")


def _of_methods(call: Call, **handlers: Handler) -> Answer:
    handler = handlers.get(call.method)
    if handler is None:
        return refusal(405, f"only {_listed(handlers)} supported against this resource")
    return handler(call)


def _listed(names: Iterable[str]) -> str:
    """`GET`, `GET and PATCH`, `GET, PUT and DELETE`."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _check_content_type(types: Sequence[str]) -> None:
    if len(types) != 1:
        raise ApiError(415, f"expected 1 Content-Type, got {len(types)}")
    if types[0].partition(";")[0].strip() != JSON:
        raise ApiError(415, "only acceptable Content-Type is application/json")


def _first(call: Call, name: str) -> str | None:
    """An empty value filters nothing."""
    return next(iter(call.query.get(name, ())), None) or None
