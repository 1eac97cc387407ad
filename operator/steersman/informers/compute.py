"""The compute informer: one aggregated list a round, and the operations that somebody awaits."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from steersman.informers.since import Since
from steersman.model.errors import OutsideError
from steersman.model.observed import ComputeSnapshot, Instance, Operation
from steersman.model.outcome import OperationDone
from steersman.model.ports import Clock, Compute, InstanceList
from steersman.telemetry.troubles import Troubles

# A list may lag behind a GET: for so long what the GET said outweighs it.
OVERLAY = timedelta(seconds=60)
OVERLAYS_MAX = 1000  # the oldest are given up first: then the list is believed again
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
        self._since = Since(clock)
        self._troubles = Troubles("looking closer failed", "looking closer again")
        self._done: dict[str, Operation] = {}
        self._overlay: dict[str, tuple[Instance | None, datetime]] = {}

    async def read(self) -> None:
        """One round. OutsideError: nothing is published."""
        started = self._clock.now()
        await self._look_closer(started)
        listed = await self._compute.list_instances()
        instances = self._overlaid(listed, started)
        aged = {
            place: replace(each, since=self._since.of(each.id, each.status, started))
            for place, each in sorted(instances.items())
        }
        self._since.forget_others()
        operations = dict(self._done)
        self._publish(ComputeSnapshot(started, aged, listed.unreachable, operations))

    async def _look_closer(self, now: datetime) -> None:
        """By a GET each: at the operations that are awaited, and at what the list lags behind."""
        awaited = {each.operation: each for each in self._awaited()}
        self._done = {name: each for name, each in self._done.items() if name in awaited}
        looks = {place: partial(self._follow, place) for place in self._overlay}
        looks |= {
            name: partial(self._look, each, now)
            for name, each in awaited.items()
            if name not in self._done
        }
        limit = asyncio.Semaphore(GETS_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            tried = [
                group.create_task(self._tried(look, limit), name=name)
                for name, look in looks.items()
            ]
        self._tell([each.result() for each in tried])
        self._overlay = dict(list(self._overlay.items())[-OVERLAYS_MAX:])

    async def _tried(
        self, look: Callable[[], Awaitable[None]], limit: asyncio.Semaphore
    ) -> OutsideError | None:
        """Why it could not be told; it is asked again in the next round."""
        async with limit:
            try:
                await look()
            except OutsideError as error:
                return error
        return None

    def _tell(self, errors: Sequence[OutsideError | None]) -> None:
        failed = next(filter(None, errors), None)
        if failed is not None:
            self._troubles.fails(failed)
        elif errors:
            self._troubles.works()

    async def _look(self, awaited: OperationDone, now: datetime) -> None:
        """An operation counts as done once its instance was read after it."""
        found = await self._compute.get_operation(awaited.zone, awaited.operation)
        if found is not None and not found.done:
            return
        instance = await self._compute.get_instance(awaited.zone, awaited.name)
        self._overlay[f"{awaited.zone}/{awaited.name}"] = (instance, now)
        forgotten = Operation(awaited.operation, awaited.zone, done=True)
        self._done[awaited.operation] = found or forgotten

    async def _follow(self, place: str) -> None:
        """The list is late; meanwhile the instance goes on. A look after an operation that ended
        meanwhile has seen more."""
        zone, _, name = place.partition("/")
        before = self._overlay[place]
        instance = await self._compute.get_instance(zone, name)
        if self._overlay[place] is before:
            self._overlay[place] = (instance, before[1])

    def _overlaid(self, listed: InstanceList, now: datetime) -> dict[str, Instance]:
        """The list, corrected by what GETs have shown since, until the list agrees: it says nothing
        of a zone that did not answer."""
        found = {_place(each): each for each in listed.instances}
        for place, (instance, since) in tuple(self._overlay.items()):
            silent = place.partition("/")[0] in listed.unreachable
            agrees = not silent and _sight(found.get(place)) == _sight(instance)
            if agrees or abs(now - since) > OVERLAY:
                del self._overlay[place]
            elif instance is None:
                found.pop(place, None)
            else:
                found[place] = instance
        return found


def _place(instance: Instance) -> str:
    return f"{instance.zone}/{instance.name}"


def _sight(instance: Instance | None) -> tuple[object, ...] | None:
    """What the list has to agree about: what a write may have changed; a restarted instance keeps
    its id."""
    if instance is None:
        return None
    edited = (instance.labels, instance.tags, instance.metadata_sha256)
    return (instance.id, instance.status, *edited)
