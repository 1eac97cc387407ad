"""fleet's v1 HTTP API: everything in one read, and only the writes that cannot harm a cluster.

What fleet does not check, and what breaks a cluster or a machine's agent for good, is refused
here with a ValueError before anything is sent: a desired state that is none of the three words,
a template that is to run, options that fleet would store differently than they were sent.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from steersman.clients.http import Answer, Http, unreadable
from steersman.clients.measure import Observe, unobserved
from steersman.model.errors import ErrorClass, OutsideError, UnreachableError
from steersman.model.observed import FleetUnit, Machine, UnitOption, UnitState
from steersman.model.ports import FleetRead
from steersman.model.unitfile import fleet_hash, is_template, survives, valid_unit_name

BACKEND = "fleet"
PATH = "/fleet/v1"
BODY_BYTES_MAX = 16 * 1024 * 1024
PAGES_MAX = 100  # of 100 entries by default
READINGS_MAX = 4  # of one list, until two in a row name the same
READ_TIMEOUT_SECONDS = 8.0
DESIRED_STATES = frozenset({"inactive", "loaded", "launched"})
NO_ETCD = 503  # this fleetd cannot reach etcd and turns everything away, untouched
ERROR_CLASSES: Mapping[int, ErrorClass] = {
    401: ErrorClass.DENIED,
    403: ErrorClass.DENIED,
    409: ErrorClass.CONFLICT,  # a state for a unit that is gone by now
    429: ErrorClass.THROTTLED,
}

Entry = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Endpoint:
    base: str
    http: Http


class FleetClient:
    """The port Fleet over one or several fleetd: `http://h:p[,http://h:p]` or `unix:///path`.

    A read goes on to the next endpoint when one is silent or has lost etcd; a write is tried
    once, and what comes after it starts at the next one. `read_timeout_seconds` is what one
    endpoint has for everything that it says.
    """

    def __init__(
        self,
        endpoints: str,
        *,
        read_timeout_seconds: float = READ_TIMEOUT_SECONDS,
        observe: Observe = unobserved,
    ) -> None:
        addresses = [word.strip() for word in endpoints.split(",")]
        # the first one is in use
        self._endpoints = deque(_endpoint(address, observe) for address in addresses)
        self._read_timeout_seconds = read_timeout_seconds
        self._named: dict[str, list[str]] = {}  # by the last reading of each long list

    async def read(self) -> FleetRead:
        for _ in range(len(self._endpoints) - 1):
            try:
                return await self._read_from(self._endpoints[0])
            except OutsideError as error:
                if not self._moved_on(error):
                    raise
        return await self._read_from(self._endpoints[0])

    async def put_unit(
        self, name: str, options: tuple[UnitOption, ...], state: str, *, timeout_seconds: float
    ) -> None:
        if harm := _harm_of_options(name, options) or _harm_of_state(name, state):
            raise ValueError(harm)
        lines = [{"section": o.section, "name": o.name, "value": o.value} for o in options]
        await self._put(name, {"options": lines, "desiredState": state}, timeout_seconds)

    async def set_state(self, name: str, state: str, *, timeout_seconds: float) -> None:
        if harm := _harm_of_state(name, state):
            raise ValueError(harm)
        await self._put(name, {"desiredState": state}, timeout_seconds)

    async def delete_unit(self, name: str, *, timeout_seconds: float) -> None:
        answer = await self._write("DELETE", name, None, timeout_seconds)
        if answer.status not in (204, 404):
            raise _failure(answer, f"deleting {name}", write=True)

    async def close(self) -> None:
        for endpoint in self._endpoints:
            await endpoint.http.close()

    async def _read_from(self, endpoint: _Endpoint) -> FleetRead:
        deadline = asyncio.get_running_loop().time() + self._read_timeout_seconds
        version, machines = await self._list(endpoint, "machines", "machines", deadline)
        _, units = await self._list(endpoint, "units", "units", deadline)
        _, states = await self._list(endpoint, "state", "states", deadline)
        return FleetRead(
            machines=_each(_machine, machines),
            units=_each(_unit, units),
            states=_each(_state, states),
            version=version,
        )

    async def _list(
        self, endpoint: _Endpoint, resource: str, field: str, deadline: float
    ) -> tuple[str, list[Entry]]:
        """fleetd's version, and all entries or an error.

        A page is an offset, so an entry that comes or goes while pages are turned hides another
        one or shows it twice: a list of several pages counts when two readings name the same.
        """
        for _ in range(READINGS_MAX):
            version, pages = await self._pages(endpoint, resource, field, deadline)
            entries = [entry for page in pages for entry in page]
            named, before = sorted(_each(_place, entries)), self._named.get(resource)
            self._named[resource] = named
            if len(pages) == 1 or named == before:
                return version, entries
        message = f"{resource} did not hold still for {READINGS_MAX} readings"
        raise OutsideError(ErrorClass.TRANSIENT, "moving", message)

    async def _pages(
        self, endpoint: _Endpoint, resource: str, field: str, deadline: float
    ) -> tuple[str, list[list[Entry]]]:
        """One reading. fleet omits an empty list."""
        url = f"{endpoint.base}{PATH}/{resource}"
        pages: list[list[Entry]] = []
        query = ""
        for _ in range(PAGES_MAX):
            left_seconds = deadline - asyncio.get_running_loop().time()
            answer = await endpoint.http.request("GET", url + query, timeout_seconds=left_seconds)
            if answer.status != 200:
                raise _failure(answer, f"reading {resource}", write=False)
            page = answer.object()
            pages.append(list(page.get(field) or ()))
            token = page.get("nextPageToken")
            if not token:
                return _version(answer), pages
            query = f"?nextPageToken={quote(str(token), safe='')}"
        message = f"more than {PAGES_MAX} pages of {resource}"
        raise unreadable(message)

    async def _put(self, name: str, body: Mapping[str, object], timeout_seconds: float) -> None:
        answer = await self._write("PUT", name, body, timeout_seconds)
        if answer.status not in (201, 204):
            raise _failure(answer, f"writing {name}", write=True)

    async def _write(self, method: str, name: str, body: object, timeout_seconds: float) -> Answer:
        endpoint = self._endpoints[0]
        url = f"{endpoint.base}{PATH}/units/{quote(name, safe='@:')}"
        try:
            answer = await endpoint.http.request(
                method, url, timeout_seconds=timeout_seconds, body=body
            )
        except UnreachableError as error:
            self._moved_on(error)
            raise
        if answer.status == NO_ETCD:
            self._endpoints.rotate(-1)
        return answer

    def _moved_on(self, error: OutsideError) -> bool:
        """Puts the next endpoint in use, if another one may do better."""
        if isinstance(error, UnreachableError) or error.code == str(NO_ETCD):
            self._endpoints.rotate(-1)
            return True
        return False


def _endpoint(address: str, observe: Observe) -> _Endpoint:
    scheme, _, rest = address.partition("://")
    if scheme == "unix" and rest.startswith("/"):
        http = Http(BACKEND, body_bytes_max=BODY_BYTES_MAX, socket_path=rest, observe=observe)
        return _Endpoint("http://fleet", http)
    if scheme == "http" and rest:
        http = Http(BACKEND, body_bytes_max=BODY_BYTES_MAX, observe=observe)
        return _Endpoint(address.rstrip("/"), http)
    message = f"not an address of fleet: {address!r}"
    raise ValueError(message)


def _harm_of_options(name: str, options: tuple[UnitOption, ...]) -> str | None:
    if reason := valid_unit_name(name):
        return f"{name}: {reason}"
    if not options or not survives(options):
        return f"{name}: fleet would not keep these options as they are"
    return None


def _harm_of_state(name: str, state: str) -> str | None:
    if state not in DESIRED_STATES:
        return f"{name}: {state!r} is not a desired state"
    if is_template(name) and state != "inactive":
        return f"{name}: a template is only ever inactive"
    return None


def _failure(answer: Answer, doing: str, *, write: bool) -> OutsideError:
    ordinary = ErrorClass.INVALID if 400 <= answer.status < 500 else ErrorClass.TRANSIENT
    kind = ERROR_CLASSES.get(answer.status, ordinary)
    untouched = not write or kind is not ErrorClass.TRANSIENT or answer.status == NO_ETCD
    return OutsideError(
        kind,
        str(answer.status),
        f"{doing}: {_message(answer)}",
        applied=False if untouched else None,
    )


def _message(answer: Answer) -> str:
    """fleet's own words, which may be none at all."""
    try:
        error = answer.object().get("error")
    except OutsideError:
        error = None
    words = error.get("message") if isinstance(error, dict) else None
    return str(words or f"{answer.status} without a word")


def _version(answer: Answer) -> str:
    product, _, version = answer.headers.get("Server", "").partition("/")
    return version if product == "fleetd" else ""


def _place(entry: Entry) -> str:
    """What tells an entry from the others of its list."""
    return f"{entry.get('id')} {entry.get('name')} {entry.get('machineID')}"


def _each(parse: Callable[[Entry], T], entries: Iterable[Entry]) -> tuple[T, ...]:
    try:
        return tuple(parse(entry) for entry in entries)
    except (KeyError, TypeError, AttributeError) as error:
        message = f"an entry that is not fleet's: {error!r}"
        raise unreadable(message) from error


def _machine(entry: Entry) -> Machine:
    return Machine(
        id=entry["id"],
        ip=entry.get("primaryIP", ""),
        metadata=dict(entry.get("metadata") or {}),
    )


def _unit(entry: Entry) -> FleetUnit:
    options = tuple(
        UnitOption(line["section"], line["name"], line.get("value", ""))
        for line in entry.get("options") or ()
    )
    return FleetUnit(
        name=entry["name"],
        options=options,
        hash=fleet_hash(options),
        desired_state=entry.get("desiredState", ""),
        current_state=entry.get("currentState"),
        machine_id=entry.get("machineID"),
    )


def _state(entry: Entry) -> UnitState:
    return UnitState(
        name=entry["name"],
        hash=entry.get("hash", ""),
        machine_id=entry.get("machineID", ""),
        load=entry.get("systemdLoadState", ""),
        active=entry.get("systemdActiveState", ""),
        sub=entry.get("systemdSubState", ""),
    )
