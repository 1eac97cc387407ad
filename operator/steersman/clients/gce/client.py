"""Compute Engine, asynchronously: every call in a thread of its own pool, one attempt each."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

from steersman.clients.address import is_address
from steersman.clients.gce.edits import method_of
from steersman.clients.gce.threads import Threads
from steersman.clients.gce.wire import Verb, Wire, open_wire
from steersman.clients.measure import Observe, measured, unobserved
from steersman.model.errors import UnreachableError
from steersman.model.observed import Instance, Operation
from steersman.model.ports import Edit, InstanceList

BACKEND = "compute"
LOAD_TIMEOUT_SECONDS = 60.0
READ_TIMEOUT_SECONDS = 8.0

T = TypeVar("T")


class ComputeClient:
    """The port Compute over google-cloud-compute, which is loaded at the first call.

    `credentials` is `default`, `anonymous`, or the path of a service account's key. ValueError:
    an endpoint that names no API.
    """

    def __init__(
        self,
        project: str,
        *,
        endpoint: str | None = None,
        credentials: str = "default",
        read_timeout_seconds: float = READ_TIMEOUT_SECONDS,
        observe: Observe = unobserved,
    ) -> None:
        if endpoint is not None:
            _check_endpoint(endpoint)
        self._open: Callable[[], Wire] = partial(open_wire, project, endpoint, credentials)
        self._read_timeout_seconds = read_timeout_seconds
        self._observe = observe
        self._threads = Threads(BACKEND)
        self._loading = asyncio.Lock()
        self._loaded: Wire | None = None

    async def list_instances(self) -> InstanceList:
        return await self._read("instances.aggregatedList", Wire.list_instances)

    async def get_instance(self, zone: str, instance: str) -> Instance | None:
        def ask(wire: Wire, deadline: float) -> Instance | None:
            return wire.get_instance(zone, instance, deadline)

        return await self._read("instances.get", ask)

    async def get_operation(self, zone: str, name: str) -> Operation | None:
        def ask(wire: Wire, deadline: float) -> Operation | None:
            return wire.get_operation(zone, name, deadline)

        return await self._read("zoneOperations.get", ask)

    async def insert_instance(
        self, zone: str, body: Mapping[str, Any], *, request_id: str, timeout_seconds: float
    ) -> Operation:
        def ask(wire: Wire, deadline: float) -> Operation:
            return wire.insert(zone, body, request_id, deadline)

        return await self._call("instances.insert", ask, timeout_seconds, write=True)

    async def start_instance(
        self, zone: str, instance: str, *, request_id: str, timeout_seconds: float
    ) -> Operation:
        return await self._change("start", zone, instance, request_id, timeout_seconds)

    async def reset_instance(
        self, zone: str, instance: str, *, request_id: str, timeout_seconds: float
    ) -> Operation:
        return await self._change("reset", zone, instance, request_id, timeout_seconds)

    async def stop_instance(
        self, zone: str, instance: str, *, request_id: str, timeout_seconds: float
    ) -> Operation:
        return await self._change("stop", zone, instance, request_id, timeout_seconds)

    async def delete_instance(
        self, zone: str, instance: str, *, request_id: str, timeout_seconds: float
    ) -> Operation:
        return await self._change("delete", zone, instance, request_id, timeout_seconds)

    async def edit_instance(
        self, zone: str, instance: str, edit: Edit, *, request_id: str, timeout_seconds: float
    ) -> Operation:
        def ask(wire: Wire, deadline: float) -> Operation:
            return wire.edit(edit, zone, instance, request_id, deadline)

        return await self._call(f"instances.{method_of(edit)}", ask, timeout_seconds, write=True)

    async def close(self) -> None:
        """Calls in flight end by their own timeouts."""
        self._threads.close()
        if self._loaded is not None:
            self._loaded.close()

    async def _change(
        self, verb: Verb, zone: str, instance: str, request_id: str, timeout_seconds: float
    ) -> Operation:
        def ask(wire: Wire, deadline: float) -> Operation:
            return wire.change(verb, zone, instance, request_id, deadline)

        return await self._call(f"instances.{verb}", ask, timeout_seconds, write=True)

    async def _read(self, method: str, ask: Callable[[Wire, float], T]) -> T:
        return await self._call(method, ask, self._read_timeout_seconds, write=False)

    async def _call(
        self,
        method: str,
        ask: Callable[[Wire, float], T],
        timeout_seconds: float,
        *,
        write: bool,
    ) -> T:
        """The thread may outlive the wait by what is left of its socket's timeout."""
        with measured(self._observe, BACKEND, method) as call:
            if not write:  # which waits for the library: a write has to go out soon or never
                async with _within(LOAD_TIMEOUT_SECONDS, "loading", write=False):
                    await self._wire()
            deadline = time.monotonic() + timeout_seconds
            async with _within(timeout_seconds, method, write=write):
                wire = await self._wire()
                result = await self._threads.run(partial(ask, wire, deadline))
            call.code = "200"
        return result

    async def _wire(self) -> Wire:
        async with self._loading:
            if self._loaded is None:
                self._loaded = await self._threads.run(self._open)
            return self._loaded


@asynccontextmanager
async def _within(seconds: float, doing: str, *, write: bool) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        message = f"{doing}: no answer within {seconds:.3g} s"
        applied = None if write else False
        raise UnreachableError(message, code="timeout", applied=applied) from error


def _check_endpoint(endpoint: str) -> None:
    address = endpoint.removeprefix("http://").removeprefix("https://").removesuffix("/")
    if not is_address(address):
        message = f"{endpoint!r} is no API: expected https://HOST or http://HOST:PORT"
        raise ValueError(message)
