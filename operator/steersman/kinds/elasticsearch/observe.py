"""What of the World concerns one Elasticsearch cluster, by address."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import AddressValueError, IPv4Address

from steersman.kinds.elasticsearch.death import Death, death_of, name_of
from steersman.kinds.elasticsearch.remember import owners, removals
from steersman.kinds.elasticsearch.spec import ElasticsearchSpec
from steersman.model.directories import below
from steersman.model.observed import KeyItem, Probe, ProbeTarget
from steersman.model.resource import Resource
from steersman.model.world import FORMED, Bootstrap, World

NEEDS = ("fleet", "keys", "elasticsearch")


@dataclass(frozen=True, slots=True)
class Member:
    """An address where an instance of the unit is placed, or that was registered by us.

    `unit` is None when no instance is placed there (any more); `instance` is the Compute instance
    at the address, as `zone/name/id`; `probes` are oldest first; `removed` tells when we removed
    its registration lately; `written`: we remember to have written the one that is there.
    """

    ip: str
    key: str
    unit: str | None = None
    instance: str = ""
    item: KeyItem | None = None
    probes: tuple[Probe, ...] = ()
    death: Death | None = None
    removed: tuple[datetime, ...] = ()
    written: bool = False

    @property
    def registered(self) -> bool:
        return self.item is not None

    @property
    def last(self) -> Probe | None:
        return self.probes[-1] if self.probes else None

    @property
    def live(self) -> bool:
        """Whether another node could reach it, master or not. A probe from before its end, when
        all nodes crash at once, does not make a dead one a seed for the others."""
        answered = self.last is not None and self.last.transport == "open"
        return answered and self.death is None


@dataclass(frozen=True, slots=True)
class Cluster:
    """`units` are the expected instances, the lowest first; None while the unit tells none.

    `strangers` are keys under the path that stand for no address of ours; `leaf` is a key in the
    place of the directory itself; `former` are what we registered under a path that no document
    names any more. `known` is False before every source was read, `registry_read` only before the
    keys were. A probe is too old to act on after `probe_age_max`.
    """

    name: str
    spec: ElasticsearchSpec
    units: tuple[str, ...] | None
    members: Mapping[str, Member]
    strangers: tuple[KeyItem, ...]
    leaf: KeyItem | None
    bootstrap: Bootstrap | None
    known: bool
    probe_age_max: timedelta
    registry_read: bool = True
    former: tuple[KeyItem, ...] = ()

    @property
    def formed(self) -> bool:
        return self.bootstrap is not None and self.bootstrap.phase == FORMED

    @property
    def registered(self) -> tuple[Member, ...]:
        return tuple(member for member in self.members.values() if member.registered)

    def at(self, unit: str) -> Member | None:
        """Where an instance is; of several places the one that is registered."""
        places = [member for member in self.members.values() if member.unit == unit]
        return max(places, key=lambda member: member.registered, default=None)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the members are put together from."""

    world: World
    spec: ElasticsearchSpec
    places: Mapping[str, str]  # address -> unit instance
    items: Mapping[str, KeyItem]  # by name under the path
    owners: Mapping[str, str]  # by key
    removals: Mapping[str, tuple[datetime, ...]]  # by key

    def member(self, ip: str) -> Member:
        key, unit = f"{self.spec.registration.path}/{ip}", self.places.get(ip)
        node = self.world.topology.by_ip.get(ip)
        probes = self.world.elasticsearch.probes.get(target_of(self.spec, ip), ())
        last = probes[-1] if probes else None
        return Member(
            ip,
            key,
            unit,
            name_of(node.instance) if node and node.instance else "",
            self.items.get(ip),
            probes,
            death_of(ip, unit, self.owners.get(key), last, self.world),
            self.removals.get(key, ()),
            key in self.owners,
        )


def observe(resource: Resource[ElasticsearchSpec], world: World) -> Cluster:
    spec, memory = resource.spec, world.memory_of(resource.key)
    path, ours = spec.registration.path, owners(memory)
    units = _units(resource, world)
    places = {ip: unit for unit in units or () for ip in addresses(unit, world)}
    items = below(world.keys.items, path)
    registered = {
        name
        for name, item in items.items()
        # while the unit tells nothing, every address may be one of its instances
        if is_address(name) and (units is None or name in places or item.key in ours)
    }
    seen = _Seen(world, spec, places, items, ours, removals(memory))
    return Cluster(
        name=resource.key.name,
        spec=spec,
        units=units,
        members={ip: seen.member(ip) for ip in by_number(registered | places.keys())},
        strangers=tuple(items[name] for name in sorted(items.keys() - registered - {""})),
        leaf=items.get(""),
        bootstrap=world.bootstraps.get(resource.key.name),
        known=units is not None and all(world.snapshot(each).observed_at for each in NEEDS),
        probe_age_max=world.stale_after.get("elasticsearch", timedelta.max),
        registry_read=world.keys.observed_at is not None,
        former=tuple(_former(resource, ours, world)),
    )


def _former(
    resource: Resource[ElasticsearchSpec], ours: Iterable[str], world: World
) -> Iterator[KeyItem]:
    """A document that is gone keeps its path: it may come back."""
    if resource.spec.registration.writer != "steersman":
        return
    elsewhere = {key for key in ours if _path(key) != resource.spec.registration.path}
    there = sorted(elsewhere & world.keys.items.keys())
    if not there:
        return
    documents = (*world.resources.values(), *world.released.values())
    named = {
        each.spec.registration.path for each in documents if each.key.kind == resource.key.kind
    }
    yield from (world.keys.items[key] for key in there if _path(key) not in named)


def _path(key: str) -> str:
    return key.rpartition("/")[0]


def target_of(spec: ElasticsearchSpec, ip: str) -> ProbeTarget:
    return ProbeTarget(ip, spec.http_port, spec.transport_port)


def is_address(name: str) -> bool:
    """An IPv4 address as the post's shell can use it: what it lists it takes for a host."""
    try:
        return str(IPv4Address(name)) == name
    except AddressValueError:
        return False


def by_number(ips: set[str]) -> list[str]:
    return sorted(ips, key=IPv4Address)


def _units(resource: Resource[ElasticsearchSpec], world: World) -> tuple[str, ...] | None:
    names = world.facts.get(resource.spec.unit_key, {}).get("instances")
    return None if names is None else tuple(sorted(filter(None, names.split(",")), key=_ordinal))


def _ordinal(unit: str) -> list[tuple[int, str]]:
    """x@2 comes before x@10."""
    return [(int(part or 0) if part.isdecimal() else 0, part) for part in re.split(r"(\d+)", unit)]


def addresses(unit: str, world: World) -> Iterator[str]:
    """Where fleet put an instance, and where one still runs."""
    placed = world.fleet.units.get(unit)
    machines = {state.machine_id for state in world.fleet.states.get(unit, ())}
    for machine in machines | ({placed.machine_id} if placed and placed.machine_id else set()):
        ip = world.topology.machine_ip(machine)
        if ip:
            yield ip
