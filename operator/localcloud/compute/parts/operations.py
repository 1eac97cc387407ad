"""Operations: every write is one, takes its time, and is found again by its request id."""

import hashlib
import json
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from localcloud.compute.errors import UNEXPLAINED, Failure, invalid, not_found, not_ready
from localcloud.compute.parts.kernel import Kernel
from localcloud.compute.resources import Operation
from localcloud.compute.state import Remembered

OPERATIONS_KEPT_MAX = 5_000
OPERATIONS_KEPT_SECONDS = 14 * 24 * 3600.0
REQUESTS_KEPT_MAX = 5_000
CALLER = "operator@local.example"  # who makes every request: the local cloud asks nobody's name
SYSTEM = "system"
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Target(Protocol):
    """What an operation is about."""

    @property
    def id(self) -> str: ...
    @property
    def scope(self) -> str: ...
    @property
    def path(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Write:
    """A request that changes something; with the id of an earlier one it is that one, repeated."""

    verb: str
    path: str
    body: object = None
    request_id: str = ""

    @property
    def key(self) -> str:
        return f"{self.verb} {self.path} {self.request_id.lower()}"

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(self.body, sort_keys=True).encode()).hexdigest()


class Operations:
    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def get(self, scope: str, reference: str) -> Operation:
        """By name or by numeric id."""
        operation = self.named(reference) or self._numbered(reference)
        if operation is None or operation.scope != scope or operation.lost:
            path = f"{scope}/operations/{reference}"
            raise not_found(path)
        return operation

    def delete(self, scope: str, reference: str) -> None:
        """Only the record of what is done can go. A repeat of its request still finds it."""
        operation = self.get(scope, reference)
        if not operation.done:
            path = f"{scope}/operations/{reference}"
            raise not_ready(path)
        self._keep(replace(operation, lost=True))

    def listed(self) -> Iterator[Operation]:
        return (one for one in self._kernel.state.operations.values() if not one.lost)

    def forget_expired(self) -> None:
        """What was done so long ago is looked for in vain."""
        kept = self._kernel.state.operations
        while kept and self._expired(oldest := next(iter(kept.values()))):
            del kept[oldest.name]

    def named(self, name: str) -> Operation | None:
        return self._kernel.state.operations.get(name)

    def begin(
        self,
        kind: str,
        target: Target,
        takes_seconds: float,
        *,
        failure: Failure | None = None,
        user: str = CALLER,
    ) -> Operation:
        """Accepted: PENDING for a moment, RUNNING, and DONE after `takes_seconds`."""
        operation = Operation(
            id=self._kernel.new_id(),
            name=self._name("systemevent" if user == SYSTEM else "operation"),
            type=kind,
            scope=target.scope,
            target=target.path,
            target_id=target.id,
            user=user,
            inserted=self._kernel.now(),
            failure=failure,
            lost=self._is_lost(),
        )
        self._keep(operation)
        self._kernel.schedule(self._kernel.timings.queue_seconds, "run", operation.name)
        self._kernel.schedule(takes_seconds + self._delay(), "done", operation.name)
        return operation

    def run(self, operation: Operation, at: float) -> None:
        if operation.status == "PENDING":
            self._keep(replace(operation, status="RUNNING", started=at))

    def finish(self, operation: Operation, at: float) -> None:
        started = at if operation.started is None else operation.started
        self._keep(replace(operation, status="DONE", started=started, ended=at))

    def once(self, write: Write, effect: Callable[[], Operation]) -> Operation:
        """The effect; or, for a request id seen before, the operation that it began then."""
        if not write.request_id:
            return self._carried_out(effect)
        _check(write.request_id)
        known = self._kernel.state.requests.get(write.key)
        if known and known.digest != write.digest:
            raise invalid("requestId", write.request_id, "It was used for a different request.")
        if known and known.operation in self._kernel.state.operations:
            return self._kernel.state.operations[known.operation]
        operation = replace(self._carried_out(effect), request_id=write.request_id)
        self._keep(operation)
        self._remember(write.key, Remembered(write.digest, operation.name))
        return operation

    def _numbered(self, number: str) -> Operation | None:
        operations = self._kernel.state.operations.values()
        return next((one for one in operations if one.id == number), None)

    def _carried_out(self, effect: Callable[[], Operation]) -> Operation:
        """While a fault says so, it is all taken back but the operation, which will fail."""
        faults = self._kernel.state.faults
        if not faults.operations_to_fail:
            return effect()
        before = self._kernel.snapshot()
        operation = replace(effect(), failure=UNEXPLAINED)
        faults.operations_to_fail -= 1
        self._kernel.restore(before)
        self._keep(operation)
        return operation

    def _expired(self, operation: Operation) -> bool:
        ended = operation.ended
        return ended is not None and ended <= self._kernel.now() - OPERATIONS_KEPT_SECONDS

    def _is_lost(self) -> bool:
        faults = self._kernel.state.faults
        lost = faults.operations_to_lose > 0
        faults.operations_to_lose -= lost
        return lost

    def _delay(self) -> float:
        faults = self._kernel.state.faults
        return faults.slow_seconds if self._kernel.now() < faults.slow_until else 0.0

    def _name(self, prefix: str) -> str:
        milliseconds = int(self._kernel.now() * 1000)
        parts = (self._kernel.hex(13), self._kernel.hex(8), self._kernel.hex(8))
        return "-".join((prefix, str(milliseconds), *parts))

    def _keep(self, operation: Operation) -> None:
        kept = self._kernel.state.operations
        kept[operation.name] = operation
        if len(kept) > OPERATIONS_KEPT_MAX:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        """The oldest that is done: one that goes on is still to have its effect."""
        kept = self._kernel.state.operations
        oldest = next((name for name, operation in kept.items() if operation.done), None)
        if oldest:
            del kept[oldest]

    def _remember(self, key: str, request: Remembered) -> None:
        kept = self._kernel.state.requests
        kept[key] = request
        if len(kept) > REQUESTS_KEPT_MAX:
            del kept[next(iter(kept))]


def _check(request_id: str) -> None:
    if not _UUID.fullmatch(request_id) or uuid.UUID(request_id).int == 0:
        raise invalid("requestId", request_id, "Must be a UUID, and not the zero UUID.")
