"""The compute informer: one aggregated list a round, and the operations that somebody awaits."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from steersman.informers.since import Since
from steersman.model.observed import ComputeSnapshot, Instance, Operation
from steersman.model.outcome import OperationDone
from steersman.model.ports import Clock, Compute

# A list may lag behind a GET: for so long what the GET said outweighs it.
OVERLAY = timedelta(seconds=60)
GETS_AT_ONCE = 4


class ComputeInformer:
    """`awaited` tells which operations to look at; `publish` takes each snapshot."""

    def __init__(
        self,
        compute: Compute,
        clock: Clock,
        awaited: Callable[[], Iterable[OperationDone]],
        publish: Callable[[ComputeSnapshot], None],
    ) -> None:
        self._compute, self._clock = compute, clock
        self._awaited, self._publish = awaited, publish
        self._since = Since()
        self._done: dict[str, Operation] = {}
        self._overlay: dict[str, tuple[Instance | None, datetime]] = {}

    async def read(self) -> None:
        """One round. OutsideError: nothing is published."""
        started = self._clock.now()
        await self._look_at_operations(started)
        listed = await self._compute.list_instances()
        instances = {_place(each): each for each in listed.instances}
        instances = self._overlaid(instances, started)
        aged = {
            place: replace(each, since=self._since.of(each.id, each.status, started))
            for place, each in sorted(instances.items())
        }
        self._since.forget_others()
        operations = dict(self._done)
        self._publish(ComputeSnapshot(started, aged, listed.unreachable, operations))

    async def _look_at_operations(self, now: datetime) -> None:
        awaited = {each.operation: each for each in self._awaited()}
        self._done = {name: each for name, each in self._done.items() if name in awaited}
        limit = asyncio.Semaphore(GETS_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for name, each in awaited.items():
                if name not in self._done:
                    group.create_task(self._look(each, now, limit), name=f"operation {name}")

    async def _look(self, awaited: OperationDone, now: datetime, limit: asyncio.Semaphore) -> None:
        """An operation counts as done once its instance was read after it."""
        async with limit:
            found = await self._compute.get_operation(awaited.zone, awaited.operation)
            if found is not None and not found.done:
                return
            instance = await self._compute.get_instance(awaited.zone, awaited.name)
        self._overlay[f"{awaited.zone}/{awaited.name}"] = (instance, now)
        forgotten = Operation(awaited.operation, awaited.zone, done=True)
        self._done[awaited.operation] = found or forgotten

    def _overlaid(self, listed: Mapping[str, Instance], now: datetime) -> dict[str, Instance]:
        """The list, corrected by what a GET has shown since, until the list agrees."""
        found = dict(listed)
        for place, (instance, at) in tuple(self._overlay.items()):
            in_list = listed.get(place)
            agrees = (in_list and in_list.id) == (instance and instance.id)
            if agrees or now - at > OVERLAY:
                del self._overlay[place]
            elif instance is None:
                found.pop(place, None)
            else:
                found[place] = instance
        return found


def _place(instance: Instance) -> str:
    return f"{instance.zone}/{instance.name}"
