"""Compute Engine, asynchronously: every call in a thread of its own pool, one attempt each."""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from steersman.clients.gce_errors import outside_error
from steersman.clients.gce_wire import Verb, Wire
from steersman.clients.measure import Observe, measured, unobserved
from steersman.model.errors import OutsideError, UnreachableError
from steersman.model.observed import Instance, Operation
from steersman.model.ports import InstanceList

BACKEND = "compute"
THREADS_MAX = 8  # the library keeps ten connections; more threads only fight over the interpreter
LOAD_TIMEOUT_SECONDS = 60.0
READ_TIMEOUT_SECONDS = 8.0

T = TypeVar("T")


class ComputeClient:
    """The port Compute over google-cloud-compute, which is loaded at the first call.

    `credentials` is `default`, `anonymous`, or the path of a service account's key.
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
        self._new_wire: Callable[[], Wire] = partial(Wire, project, endpoint, credentials)
        self._read_timeout_seconds = read_timeout_seconds
        self._observe = observe
        self._threads = ThreadPoolExecutor(THREADS_MAX, thread_name_prefix=BACKEND)
        self._loading = threading.Lock()
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

    async def close(self) -> None:
        """Calls in flight end by their own timeouts."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._loaded is not None:
            self._loaded.close()

    async def _change(
        self, verb: Verb, zone: str, instance: str, request_id: str, timeout_seconds: float
    ) -> Operation:
        def ask(wire: Wire, deadline: float) -> Operation:
            return wire.change(verb, zone, instance, request_id, deadline)

        return await self._call(f"instances.{verb}", ask, timeout_seconds, write=True)

    async def _read(self, method: str, ask: Callable[[Wire, float], T]) -> T:
        if self._loaded is None:  # only a read waits for that: a write has to go out soon or never
            await self._in_thread("loading", lambda _wire, _deadline: None, LOAD_TIMEOUT_SECONDS)
        return await self._call(method, ask, self._read_timeout_seconds, write=False)

    async def _call(
        self,
        method: str,
        ask: Callable[[Wire, float], T],
        timeout_seconds: float,
        *,
        write: bool,
    ) -> T:
        with measured(self._observe, BACKEND, method) as call:
            result = await self._in_thread(method, ask, timeout_seconds, write=write)
            call.code = "200"
        return result

    async def _in_thread(
        self,
        doing: str,
        ask: Callable[[Wire, float], T],
        timeout_seconds: float,
        *,
        write: bool = False,
    ) -> T:
        """The thread may outlive the wait by what is left of its socket's timeout."""
        deadline = time.monotonic() + timeout_seconds
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout_seconds):
                return await loop.run_in_executor(
                    self._threads, self._work, doing, ask, deadline, write
                )
        except TimeoutError as error:
            message = f"{doing}: no answer within {timeout_seconds:.3g} s"
            applied = None if write else False
            raise UnreachableError(message, code="timeout", applied=applied) from error

    def _work(self, doing: str, ask: Callable[[Wire, float], T], deadline: float, write: bool) -> T:
        try:
            return ask(self._wire(), deadline)
        except OutsideError:
            raise
        except Exception as error:
            translated = outside_error(error, doing, write=write)
            if translated is None:
                raise
            raise translated from error

    def _wire(self) -> Wire:
        with self._loading:
            if self._loaded is None:
                self._loaded = self._new_wire()
            return self._loaded
