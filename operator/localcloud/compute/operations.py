"""Operations: every write is one, takes its time, and is found again by its request id."""

import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from localcloud.compute.errors import Failure, invalid, not_found
from localcloud.compute.kernel import Kernel
from localcloud.compute.resources import Operation
from localcloud.compute.state import Remembered

OPERATIONS_KEPT_MAX = 5_000
REQUESTS_KEPT_MAX = 5_000
CALLER = "operator@local.example"  # who makes every request: the local cloud asks nobody's name
SYSTEM = "system"


class Target(Protocol):
    """What an operation is about."""

    @property
    def id(self) -> str: ...
    @property
    def scope(self) -> str: ...
    @property
    def path(self) -> str: ...


class Operations:
    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def get(self, scope: str, reference: str) -> Operation:
        operation = self._kernel.state.operations.get(reference)
        if operation is None or operation.scope != scope:
            path = f"{scope}/operations/{reference}"
            raise not_found(path)
        return operation

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
        )
        self._keep(operation)
        self._kernel.schedule(self._kernel.timings.queue_seconds, "run", operation.name)
        self._kernel.schedule(takes_seconds, "done", operation.name)
        return operation

    def run(self, operation: Operation, at: float) -> None:
        if operation.status == "PENDING":
            self._keep(replace(operation, status="RUNNING", started=at))

    def finish(self, operation: Operation, at: float) -> None:
        started = at if operation.started is None else operation.started
        self._keep(replace(operation, status="DONE", started=started, ended=at))

    def once(
        self,
        action: str,
        path: str,
        request_id: str,
        body: object,
        effect: Callable[[], Operation],
    ) -> Operation:
        """The effect; or, for a request id seen before, the operation that it began then."""
        if not request_id:
            return effect()
        _check(request_id)
        key = f"{action} {path} {request_id}"
        digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        known = self._kernel.state.requests.get(key)
        if known and known.digest != digest:
            raise invalid("requestId", request_id, "It was used for a different request.")
        if known and known.operation in self._kernel.state.operations:
            return self._kernel.state.operations[known.operation]
        operation = replace(effect(), request_id=request_id)
        self._keep(operation)
        self._remember(key, Remembered(digest, operation.name))
        return operation

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
    try:
        zero = uuid.UUID(request_id).int == 0
    except ValueError:
        zero = True
    if zero:
        raise invalid("requestId", request_id, "Must be a UUID, and not the zero UUID.")
