"""The fleet informer: machines, units and states of one round, whole or not at all."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from steersman.informers.since import Since
from steersman.model.observed import FleetSnapshot, UnitState
from steersman.model.ports import Clock, Fleet, FleetRead


class FleetInformer:
    def __init__(
        self, fleet: Fleet, clock: Clock, publish: Callable[[FleetSnapshot], None]
    ) -> None:
        self._fleet, self._clock, self._publish = fleet, clock, publish
        self._since = Since(clock)

    async def read(self) -> None:
        """One round. OutsideError: nothing is published."""
        started = self._clock.now()
        seen = await self._fleet.read()
        self._publish(self._snapshot(seen, started))

    def _snapshot(self, seen: FleetRead, now: datetime) -> FleetSnapshot:
        machines = {
            each.id: replace(each, since=self._since.of(("machine", each.id), each.ip, now))
            for each in seen.machines
        }
        states = self._states(seen, now)
        stateless = {
            each.name: self._since.of(("stateless", each.name), each.hash, now)
            for each in seen.units
            if each.name not in states
        }
        units = {
            each.name: replace(
                each, since=self._since.of(("unit", each.name), each.current_state, now)
            )
            for each in seen.units
        }
        self._since.forget_others()
        return FleetSnapshot(now, machines, units, states, seen.version, stateless)

    def _states(self, seen: FleetRead, now: datetime) -> Mapping[str, tuple[UnitState, ...]]:
        found: dict[str, tuple[UnitState, ...]] = {}
        for each in seen.states:
            said = (each.load, each.active, each.sub, each.hash)
            since = self._since.of(("state", each.name, each.machine_id), said, now)
            found[each.name] = (*found.get(each.name, ()), replace(each, since=since))
        return found
