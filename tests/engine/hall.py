"""The outside of the toy kind: a hall with sockets for lamps, behind the port Compute."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from steersman.model.errors import OutsideError, UnreachableError
from steersman.model.observed import Instance, Operation
from steersman.model.ports import Clock, Edit, InstanceList

LATENCY_SECONDS = 0.1  # of a request, half of it before it is applied
OPERATION_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Write:
    """A request that changed something: the witness of what was done, and how often."""

    verb: str
    lamp: str
    request_id: str
    at: float


class Hall:
    """A request id that comes again changes nothing and is answered as before."""

    def __init__(self, clock: Clock) -> None:
        self.lamps: dict[str, Instance] = {}
        self.writes: list[Write] = []
        self.attempts: list[str] = []  # the request id of every writing request
        self.under_way = 0  # writing requests without an answer
        self.latency_seconds = LATENCY_SECONDS
        self.operation_seconds = OPERATION_SECONDS
        self.refusals: dict[str, OutsideError] = {}  # by lamp
        self.replies_to_lose = 0
        self.silent = False
        self.waits_for_ever = False  # heeds nobody's timeout
        self.broken = False  # reading it is a bug
        self._clock = clock
        self._operations: dict[str, tuple[Operation, float]] = {}
        self._answers: dict[str, str] = {}

    @property
    def calls(self) -> int:
        return len(self.attempts)

    def verbs(self, lamp: str) -> list[str]:
        return [each.verb for each in self.writes if each.lamp == lamp]

    def put_out(self, lamp: str) -> None:
        """Somebody else does it."""
        self.lamps[lamp] = replace(self.lamps[lamp], status="TERMINATED")

    async def list_instances(self) -> InstanceList:
        await self._arrive()
        return InstanceList(tuple(self.lamps.values()))

    async def get_instance(self, zone: str, instance: str) -> Instance | None:
        del zone
        await self._arrive()
        return self.lamps.get(instance)

    async def get_operation(self, zone: str, name: str) -> Operation | None:
        del zone
        await self._arrive()
        operation, ends = self._operations[name]
        return replace(operation, done=self._clock.monotonic() >= ends)

    async def insert_instance(
        self, zone: str, body: Mapping[str, Any], *, request_id: str, timeout_seconds: float
    ) -> Operation:
        name, color = body["name"], body["machineType"]
        verb = "swap" if name in self.lamps else "install"
        lamp = Instance(f"id-{name}", name, zone, "RUNNING", color, None, {})
        return await self._write(verb, name, request_id, timeout_seconds, lambda: lamp)

    async def start_instance(
        self, zone: str, instance: str, *, request_id: str, timeout_seconds: float
    ) -> Operation:
        del zone
        return await self._change("light", instance, request_id, timeout_seconds, "RUNNING")

    async def reset_instance(
        self, zone: str, instance: str, *, request_id: str, timeout_seconds: float
    ) -> Operation:
        del zone
        return await self._change("reset", instance, request_id, timeout_seconds, "RUNNING")

    async def stop_instance(
        self, zone: str, instance: str, *, request_id: str, timeout_seconds: float
    ) -> Operation:
        del zone
        return await self._change("stop", instance, request_id, timeout_seconds, "TERMINATED")

    async def delete_instance(
        self, zone: str, instance: str, *, request_id: str, timeout_seconds: float
    ) -> Operation:
        del zone
        return await self._write("delete", instance, request_id, timeout_seconds, lambda: None)

    async def edit_instance(
        self, zone: str, instance: str, edit: Edit, *, request_id: str, timeout_seconds: float
    ) -> Operation:
        raise AssertionError("lamps have neither labels nor tags")

    async def close(self) -> None:
        pass

    async def _arrive(self) -> None:
        await asyncio.sleep(LATENCY_SECONDS)
        if self.broken:
            raise RuntimeError("a bug")
        if self.silent:
            raise UnreachableError("nobody is in the hall", applied=False)

    async def _change(
        self, verb: str, lamp: str, request_id: str, seconds: float, status: str
    ) -> Operation:
        def change() -> Instance:
            return replace(self.lamps[lamp], status=status)

        return await self._write(verb, lamp, request_id, seconds, change)

    async def _write(
        self,
        verb: str,
        lamp: str,
        request_id: str,
        seconds: float,
        change: Callable[[], Instance | None],
    ) -> Operation:
        try:
            async with asyncio.timeout(None if self.waits_for_ever else seconds):
                return await self._exchange(verb, lamp, request_id, change)
        except TimeoutError as error:
            message = f"the hall, to {verb} {lamp}: no answer within {seconds:.3g} s"
            raise UnreachableError(message, code="timeout") from error

    async def _exchange(
        self, verb: str, lamp: str, request_id: str, change: Callable[[], Instance | None]
    ) -> Operation:
        self.attempts.append(request_id)
        self.under_way += 1
        try:
            await asyncio.sleep(self.latency_seconds / 2)
            if lamp in self.refusals:
                raise self.refusals[lamp]
            if request_id not in self._answers:
                self._apply(Write(verb, lamp, request_id, self._clock.monotonic()), change())
            await asyncio.sleep(self.latency_seconds / 2)
        finally:
            self.under_way -= 1
        if self.replies_to_lose:
            self.replies_to_lose -= 1
            raise UnreachableError("the answer got lost")
        return self._operations[self._answers[request_id]][0]

    def _apply(self, write: Write, lamp: Instance | None) -> None:
        self.writes.append(write)
        if lamp is None:
            del self.lamps[write.lamp]
        else:
            self.lamps[write.lamp] = lamp
        name = self._answers[write.request_id] = f"operation-{len(self.writes)}"
        ends = write.at + self.operation_seconds
        self._operations[name] = (Operation(name, "hall", done=False), ends)
