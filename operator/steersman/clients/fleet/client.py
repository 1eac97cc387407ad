"""fleet's v1 HTTP API: everything in one read, and only the writes that cannot harm a cluster.

What fleet does not check, and what breaks a cluster or a machine's agent for good, is refused
here with a ValueError before anything is sent: a desired state that is none of the three words,
a template that is to run, options that fleet would store differently than they were sent.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from steersman.clients.address import is_address
from steersman.clients.fleet import wire
from steersman.clients.fleet.wire import NO_ETCD, Entry
from steersman.clients.http import Answer, Http
from steersman.clients.measure import Observe, unobserved
from steersman.clients.unreadable import unreadable
from steersman.model.errors import CorruptUnitError, ErrorClass, OutsideError, UnreachableError
from steersman.model.observed import FleetUnit, UnitOption
from steersman.model.ports import DesiredState, FleetRead

BACKEND = "fleet"
PATH = "/fleet/v1"
BODY_BYTES_MAX = 16 * 1024 * 1024
PAGES_MAX = 100  # of 100 entries by default
READINGS_MAX = 4  # of one list, until two in a row name the same
READ_TIMEOUT_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class _Endpoint:
    base: str
    http: Http


@dataclass(frozen=True, slots=True)
class _Request:
    """`deadline` is by the loop's clock, whatever the number of endpoints."""

    method: str
    path: str
    deadline: float
    body: object = None


class FleetClient:
    """The port Fleet over one or several fleetd: `http://h:p` and `unix:///path`, in any mixture,
    with commas between them.

    An endpoint that is silent, has lost etcd, or does not answer as fleet does, is left for the
    next one. A read begins anew there. A write goes on there only where it certainly was not
    applied: nobody took it, or a fleetd without etcd turned it away. One that may have been applied
    fails, and whoever asked looks first at what is there: the same state, written again, may undo
    what a person did since. `read_timeout_seconds` is what one endpoint has for everything that it
    says.
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
        *ahead, last = self._endpoints
        for endpoint in ahead:
            try:
                return await self._read_from(endpoint)
            except OutsideError:
                self._leave(endpoint)
        return await self._read_from(last)

    async def get_unit(self, name: str, *, timeout_seconds: float) -> FleetUnit | None:
        """None: it is not there. CorruptUnitError: it is, but fleet cannot read it."""
        deadline = _after(timeout_seconds)
        endpoint, answer = await self._ask(_Request("GET", _unit_path(name), deadline))
        if wire.absent(answer):
            return None
        if answer.status != 200:
            raise await self._unread(name, endpoint, answer, deadline)
        return wire.one(wire.unit, answer.object())

    async def create_unit(
        self, name: str, options: tuple[UnitOption, ...], *, timeout_seconds: float
    ) -> None:
        """fleet would replace one that is there, and stop it, so this looks first."""
        body, deadline = wire.body(name, options, "inactive"), _after(timeout_seconds)
        if await self.get_unit(name, timeout_seconds=timeout_seconds) is not None:
            message = f"{name} was created by somebody else"
            raise OutsideError(ErrorClass.CONFLICT, "exists", message)
        await self._put(name, body, deadline)

    async def put_unit(
        self,
        name: str,
        options: tuple[UnitOption, ...],
        state: DesiredState,
        *,
        timeout_seconds: float,
    ) -> None:
        await self._put(name, wire.body(name, options, state), _after(timeout_seconds))

    async def set_state(self, name: str, state: DesiredState, *, timeout_seconds: float) -> None:
        await self._put(name, wire.state_body(name, state), _after(timeout_seconds))

    async def delete_unit(self, name: str, *, timeout_seconds: float) -> None:
        request = _Request("DELETE", _unit_path(name), _after(timeout_seconds))
        _, answer = await self._ask(request)
        if answer.status != 204 and not wire.absent(answer):
            raise wire.failure(answer, f"deleting {name}", write=True)

    async def close(self) -> None:
        for endpoint in self._endpoints:
            await endpoint.http.close()

    async def _read_from(self, endpoint: _Endpoint) -> FleetRead:
        deadline = _after(self._read_timeout_seconds)
        version, machines = await self._list(endpoint, "machines", "machines", deadline)
        _, units = await self._list(endpoint, "units", "units", deadline)
        _, states = await self._list(endpoint, "state", "states", deadline)
        return FleetRead(
            machines=wire.each(wire.machine, machines),
            units=wire.each(wire.unit, units),
            states=wire.each(wire.state, states),
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
            named, before = sorted(map(wire.place, entries)), self._named.get(resource)
            self._named[resource] = named
            if len(pages) == 1 or named == before:
                return version, entries
        message = f"{resource} did not hold still for {READINGS_MAX} readings"
        raise OutsideError(ErrorClass.TRANSIENT, "moving", message)

    async def _pages(
        self, endpoint: _Endpoint, resource: str, field: str, deadline: float
    ) -> tuple[str, list[list[Entry]]]:
        """One reading."""
        pages: list[list[Entry]] = []
        query = ""
        for _ in range(PAGES_MAX):
            answer = await self._send(endpoint, _Request("GET", f"/{resource}{query}", deadline))
            if answer.status != 200:
                raise wire.failure(answer, f"reading {resource}", write=False)
            page = answer.object()
            pages.append(wire.entries(page, field))
            token = page.get("nextPageToken")
            if not token:
                return wire.version(answer), pages
            query = f"?nextPageToken={quote(str(token), safe='')}"
        message = f"more than {PAGES_MAX} pages of {resource}"
        raise unreadable(message)

    async def _unread(
        self, name: str, endpoint: _Endpoint, answer: Answer, deadline: float
    ) -> OutsideError:
        """A 500 for one unit is etcd's fault or the unit's: it is the unit's if the same fleetd
        can read anything else."""
        error = wire.failure(answer, f"reading {name}", write=False)
        if answer.status != 500 or not wire.by_fleet(answer):
            return error
        other = await self._send(endpoint, _Request("GET", "/machines", deadline))
        return CorruptUnitError(name) if other.status == 200 else error

    async def _put(self, name: str, body: Mapping[str, object], deadline: float) -> None:
        _, answer = await self._ask(_Request("PUT", _unit_path(name), deadline, body))
        if answer.status not in (201, 204):
            raise wire.failure(answer, f"writing {name}", write=True)

    async def _ask(self, request: _Request) -> tuple[_Endpoint, Answer]:
        """The first endpoint that takes it, and what it says."""
        *ahead, last = self._endpoints
        for at, endpoint in enumerate(ahead):
            try:
                answer = await self._send(endpoint, _share(request, len(self._endpoints) - at))
            except UnreachableError as error:
                if error.applied is not False:
                    raise
            else:
                if not _turned_away(request, answer):
                    return endpoint, answer
        return last, await self._send(last, request)

    async def _send(self, endpoint: _Endpoint, request: _Request) -> Answer:
        try:
            answer = await endpoint.http.request(
                request.method,
                f"{endpoint.base}{PATH}{request.path}",
                timeout_seconds=request.deadline - asyncio.get_running_loop().time(),
                body=request.body,
            )
        except UnreachableError:
            self._leave(endpoint)
            raise
        if _turned_away(request, answer):
            self._leave(endpoint)
        return answer

    def _leave(self, endpoint: _Endpoint) -> None:
        """Puts the next one in use, unless somebody else has."""
        if self._endpoints[0] is endpoint:
            self._endpoints.rotate(-1)


def _endpoint(address: str, observe: Observe) -> _Endpoint:
    scheme, _, rest = address.partition("://")
    if scheme == "unix" and rest.startswith("/"):
        http = Http(BACKEND, body_bytes_max=BODY_BYTES_MAX, socket_path=rest, observe=observe)
        return _Endpoint("http://fleet", http)
    if scheme == "http" and is_address(rest.removesuffix("/")):
        http = Http(BACKEND, body_bytes_max=BODY_BYTES_MAX, observe=observe)
        return _Endpoint(address.rstrip("/"), http)
    message = f"{address!r} is no fleet: expected http://HOST:PORT or unix:///PATH"
    raise ValueError(message)


def _share(request: _Request, endpoints: int) -> _Request:
    """A read leaves time for the other endpoints. A write that nobody answers is not sent again."""
    if request.method != "GET":
        return request
    now = asyncio.get_running_loop().time()
    return replace(request, deadline=now + (request.deadline - now) / endpoints)


def _turned_away(request: _Request, answer: Answer) -> bool:
    """Whether another endpoint may know better, and nothing was changed here."""
    return answer.status == NO_ETCD or (request.method == "GET" and not wire.by_fleet(answer))


def _after(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


def _unit_path(name: str) -> str:
    return f"/units/{quote(name, safe='@:')}"
