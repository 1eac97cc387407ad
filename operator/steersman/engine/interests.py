"""Interests: whom of all resources a change of the outside concerns. Pure but for its index."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from steersman.engine.apart import apart
from steersman.model.kind import Kinds
from steersman.model.observed import Instance
from steersman.model.plan import Target
from steersman.model.resource import Key, Resource
from steersman.model.shared import Shared
from steersman.model.unitfile import template_of
from steersman.model.world import World

Resources = Mapping[Key, Resource[Any]]


@dataclass(frozen=True, slots=True)
class Changed:
    """The keys whose resource is new, another one, or gone, and those whose kind could not say
    what concerns them: for these, everything does."""

    keys: frozenset[Key]
    failed: Mapping[Key, Exception]


class Interests:
    """Kept as resources come and go, so that a change costs what it concerns."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self._of_kind: dict[str, set[Key]] = defaultdict(set)
        self._targets: dict[Key, frozenset[Target]] = {}
        self._concerned: dict[Target, set[Key]] = defaultdict(set)
        self._curious: set[Key] = set()  # everything concerns these

    def update(self, before: Resources, after: Resources) -> Changed:
        changed = differing(before, after)
        for key in changed & before.keys():
            self._forget(key)
        return Changed(changed, self._add({key: after[key] for key in changed & after.keys()}))

    def watchers(self, source: str) -> set[Key]:
        """Everybody whose kind watches a source."""
        return self._of(name for name, kind in self._kinds.items() if source in kind.watches)

    def concerned(self, source: str, touched: Iterable[Target]) -> set[Key]:
        """Who watches a source and cares for one of these objects, or for every one."""
        watching = {name for name, kind in self._kinds.items() if source in kind.watches}
        caring = {key for each in touched for key in self._concerned.get(each, ())}
        return {key for key in self._curious | caring if key.kind in watching}

    def guarded(self, keys: Iterable[Key], referrers: Mapping[Key, tuple[Key, ...]]) -> set[Key]:
        """Whose steps these keys may hold."""
        guards = {key for key in keys if self._kinds[key.kind].guards}
        return {held for held, by in referrers.items() if not guards.isdisjoint(by)}

    def _of(self, kinds: Iterable[str]) -> set[Key]:
        return {key for name in kinds for key in self._of_kind[name]}

    def _forget(self, key: Key) -> None:
        self._of_kind[key.kind].discard(key)
        self._curious.discard(key)
        for target in self._targets.pop(key, ()):
            self._concerned[target].discard(key)
            if not self._concerned[target]:
                del self._concerned[target]

    def _add(self, resources: Resources) -> Mapping[Key, Exception]:
        told = apart(resources, lambda key: self._concerns(resources[key]))
        for key in resources:
            self._of_kind[key.kind].add(key)
            targets = told.said.get(key)
            if targets is None:
                self._curious.add(key)
                continue
            self._targets[key] = targets
            for target in targets:
                self._concerned[target].add(key)
        return told.failed

    def _concerns(self, resource: Resource[Any]) -> frozenset[Target] | None:
        concerns = self._kinds[resource.key.kind].concerns
        return concerns(resource) if concerns else None


def general(source: str, before: World, after: World) -> bool:
    """Whether something changed that belongs to no single object."""
    match source:
        case "compute":
            return before.compute.unreachable != after.compute.unreachable
        case "fleet":
            return before.fleet.version != after.fleet.version
        case _:
            return False


def touched(source: str, before: World, after: World) -> frozenset[Target]:
    """The outside objects that are not in both Worlds as they were: an instance by its mark, a
    unit by its name and its template's, a key by itself."""
    match source:
        case "compute":
            return _instances(before, after)
        case "fleet":
            return _units(before, after) | _machines(before, after)
        case "keys":
            changed = differing(before.keys.items, after.keys.items)
            return frozenset(Target("keys", each) for each in changed)
        case _:
            return frozenset()


def differing(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> frozenset[Any]:
    """The keys that do not stand for the same in both; quick where most values are shared."""
    if isinstance(before, Shared) and isinstance(after, Shared):
        return before.differing(after)
    return frozenset(
        key
        for key in before.keys() | after.keys()
        for one, other in ((before.get(key), after.get(key)),)
        if one is not other and one != other
    )


def _instances(before: World, after: World) -> frozenset[Target]:
    places = differing(before.compute.instances, after.compute.instances)
    worlds = (before, after)
    return _marks(each.compute.instances.get(place) for each in worlds for place in places)


def _machines(before: World, after: World) -> frozenset[Target]:
    """A machine that comes or goes concerns whom the instance at its address belongs to."""
    worlds = (before, after)
    changed = differing(before.fleet.machines, after.fleet.machines)
    seen = (each.fleet.machines.get(machine) for each in worlds for machine in changed)
    ips = {machine.ip for machine in seen if machine}
    nodes = (each.topology.by_ip.get(ip) for each in worlds for ip in ips)
    return _marks(node.instance for node in nodes if node)


def _units(before: World, after: World) -> frozenset[Target]:
    names = (
        differing(before.fleet.units, after.fleet.units)
        | differing(before.fleet.states, after.fleet.states)
        | differing(before.fleet.stateless_since, after.fleet.stateless_since)
    )
    templates = {template for name in names for template in [template_of(name)] if template}
    return frozenset(Target("fleet", each) for each in names | templates)


def _marks(instances: Iterable[Instance | None]) -> frozenset[Target]:
    return frozenset(Target("compute", each.mark) for each in instances if each and each.mark)
