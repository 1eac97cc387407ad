"""What is true on a stage, read from the models alone: no daemon is asked, nor its view."""

import json
import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from localcloud.compute.resources import Instance
from localcloud.elasticsearch.parts.process import Node
from localcloud.fleet.parts.systemd import Loaded
from localcloud.fleet.records import ApiError as FleetError
from localcloud.fleet.records import Unit
from tests.simulation.stage import INTENTS, OWNER, Stage

LEADER = "/steersman/leader"
SERVICES = "/services/"
CONFIGS = "/configs/"
DESIRED = "/desired/"
STATUS = "/status/"
REQUESTS = "/steersman/requests/"
POOLS = "/desired/nodepool/"
ELASTICSEARCH = "/desired/elasticsearch/es-prod"
HOLDS = "/steersman/holds/"
REWINDS = "/steersman/rewinds/home"
OURS = "steersman-owner"
UID = "steersman-uid"
ORDINAL = "steersman-ordinal"


class Truth:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    @property
    def now(self) -> float:
        """Seconds since the beginning."""
        return self._stage.clock.monotonic()

    def leader(self) -> str | None:
        entry = self._stage.home.peek(LEADER)
        return str(json.loads(entry.value)["identity"]) if entry else None

    def term(self) -> int:
        """A number that no other term of a leader has."""
        entry = self._stage.home.peek(LEADER)
        return entry.created if entry else 0

    def parties(self) -> Iterable[str]:
        return self._stage.daemons

    @property
    def was_rewound(self) -> bool:
        return self._stage.was_rewound

    def rewind_is_told(self) -> bool:
        """Whether the operator says that home was rewound."""
        return self._stage.home.peek(REWINDS) is not None

    def in_doubt(self) -> bool:
        """Whether a loss is held as not to be believed, or home was rewound."""
        held = any(key.startswith(HOLDS) for key in self._stage.home._entries)
        return held or self.rewound_at is not None

    def instances(self) -> tuple[Instance, ...]:
        return tuple(self._stage.cloud.compute.state.instances.values())

    def instance(self, name: str) -> Instance | None:
        return next((each for each in self.instances() if each.name == name), None)

    def our_instances(self) -> tuple[Instance, ...]:
        return tuple(each for each in self.instances() if each.labels.get(OURS) == OWNER)

    def nodes_of(self, path: str) -> tuple[Instance, ...]:
        """Our instances of a pool, by its document's path."""
        return tuple(each for each in self.our_instances() if pool_of(each.name) == path)

    def loose_disks(self) -> list[str]:
        """Disks that no instance holds."""
        disks = self._stage.cloud.compute.state.disks.values()
        return sorted(disk.name for disk in disks if not disk.user)

    def loaded(self, unit: str) -> list[Loaded]:
        """The unit as each machine's systemd has it."""
        return list(self._stage.cloud.fleet.loaded(unit).values())

    def runs(self, unit: str) -> bool:
        return any(each.running for each in self.loaded(unit))

    def runs_on(self, unit: str, node: str) -> bool:
        instance, fleet = self.instance(node), self._stage.cloud.fleet
        there = {each.id for each in fleet.machines() if instance and each.ip == instance.ip}
        return any(each.running for at, each in fleet.loaded(unit).items() if at in there)

    def machines(self) -> set[str]:
        """The addresses of the machines of the fleet."""
        return {machine.ip for machine in self._stage.cloud.fleet.machines()}

    def nodes(self) -> Mapping[str, Node]:
        """The Elasticsearch nodes that answer, by address."""
        return {node.spec.ip: node for node in self._stage.cloud.elasticsearch.live()}

    def registered(self) -> Mapping[str, str]:
        """Values by address."""
        found = {key: self._stage.unit.peek(key) for key in self.keys(SERVICES)}
        return {
            key.rpartition("/")[2]: entry.value.decode() for key, entry in found.items() if entry
        }

    def keys(self, prefix: str) -> list[str]:
        """Of the unit store."""
        return sorted(key for key in self._stage.unit._entries if key.startswith(prefix))

    def config(self, key: str) -> str | None:
        entry = self._stage.unit.peek(key)
        return entry.value.decode() if entry else None

    def intended(self, system: str, name: str) -> bool:
        return self._stage.home.peek(f"{INTENTS}{system}/{name.strip('/')}") is not None

    def intents(self) -> list[str]:
        """The keys of those that are open."""
        return sorted(key for key in self._stage.home._entries if key.startswith(INTENTS))

    def silent(self, ip: str) -> bool:
        return ip in self._stage.silent

    def status(self, path: str) -> Mapping[str, Any]:
        """Of the resource whose document that is; {} if home has none."""
        entry = self._stage.home.peek(STATUS + path.removeprefix(DESIRED))
        found: Mapping[str, Any] = json.loads(entry.value) if entry else {}
        return found

    def statuses(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """All, by the path of their documents."""
        for key in sorted(self._stage.home._entries):
            if key.startswith(STATUS):
                path = DESIRED + key.removeprefix(STATUS)
                yield path, self.status(path)

    def holds(self, path: str, condition: str) -> bool:
        """Whether the operator says so of the resource."""
        conditions = self.status(path).get("conditions", ())
        return any(each["type"] == condition and each["status"] == "True" for each in conditions)

    def paused(self) -> Iterator[tuple[str, str]]:
        """What people have paused, as they typed it, with the key of the request."""
        for key, entry in sorted(self._stage.home._entries.items()):
            if key.startswith(REQUESTS) and (asked := json.loads(entry.value))["verb"] == "pause":
                yield asked["ref"], key

    def approved_at(self, target: str) -> float | None:
        """When a person last approved a step on it."""
        return self._stage.approved.get(target)

    @property
    def rewound_at(self) -> float | None:
        """When a backup of home came back that nobody has acknowledged yet."""
        return self._stage.rewound_at

    def reaches(self, party: str, *systems: str) -> bool:
        """Whether its calls to these go through at once, and bring back what is true."""
        ways = [self._stage.daemons[party].ways[system] for system in systems]
        whole = not any(way.cuts or way.blinds or way.extra_seconds for way in ways)
        stores = {"home": self._stage.home, "unit": self._stage.unit}
        down = any(stores[system]._down for system in systems if system in stores)
        stopped = self._stage.daemons[party].frozen
        fails = ("compute" in systems and self._compute_fails()) or (
            "fleet" in systems and self._fleet_fails()
        )
        return whole and not (down or stopped or fails)

    def _fleet_fails(self) -> bool:
        fleet = self._stage.cloud.fleet
        try:
            fleet.reach()
        except FleetError:
            return True
        return not fleet.available

    def _compute_fails(self) -> bool:
        now, faults = self._stage.epoch.now(), self._stage.cloud.compute.mishaps.faults
        zones = max(faults.unreachable.values(), default=0.0)
        ends = (faults.rate_limited_until, faults.unavailable_until, faults.stale_until, zones)
        return now < max(ends)

    def removed_by_hand(self, ip: str) -> bool:
        """Whether a person has removed its registration, once."""
        by_hand = ip in self._stage.removed_by_hand
        self._stage.removed_by_hand.discard(ip)
        return by_hand

    def fleet_unit(self, name: str) -> Unit | None:
        """None, too, for one that fleet cannot read."""
        try:
            return self._stage.cloud.fleet.unit(name)
        except FleetError:
            return None


class Since:
    """Since when something has been so without a break, as far as `look` is called often."""

    def __init__(self) -> None:
        self._since: dict[Hashable, float] = {}

    def look(self, so: Iterable[Hashable], now: float) -> None:
        self._since = {each: self._since.get(each, now) for each in so}

    def lasted(self, thing: Hashable, now: float) -> float:
        """Seconds; 0 while it is not so."""
        return now - self._since.get(thing, now)


@dataclass(frozen=True, slots=True)
class Version:
    """`lost` when a backup came back that knew nothing of it."""

    at: float
    document: Mapping[str, Any] | None  # None: it was taken away
    lost: bool = False


class Wanted:
    """What the documents ask for, and asked for before: good documents only."""

    def __init__(self) -> None:
        self._versions: dict[str, list[Version]] = {}

    def put(self, path: str, document: Mapping[str, Any], at: float) -> None:
        self._versions.setdefault(path, []).append(Version(at, document))

    def remove(self, path: str, at: float) -> None:
        self._versions.setdefault(path, []).append(Version(at, None))

    def rewind(self, documents: Mapping[str, str], to: float, now: float) -> None:
        """A backup of that time came back, with these documents."""
        for path, versions in self._versions.items():
            self._versions[path] = [replace(each, lost=each.at > to) for each in versions]
            text = documents.get(path)
            self._versions[path].append(Version(now, json.loads(text) if text else None))

    def documents(self) -> Mapping[str, str]:
        """The documents that are there now, as text."""
        return {
            path: json.dumps(versions[-1].document)
            for path, versions in self._versions.items()
            if versions[-1].document
        }

    def specs(self, kind: str) -> Mapping[str, Mapping[str, Any]]:
        """By name, of the documents that are there now and do not ask to be taken down."""
        prefix = f"/desired/{kind}/"
        return {
            path.removeprefix(prefix): document["spec"]
            for path, versions in self._versions.items()
            for document in [versions[-1].document]
            if path.startswith(prefix) and document and not is_leaving(document)
        }

    def lately(self, path: str, since: float) -> list[Mapping[str, Any]]:
        """The versions of a document that were there at that time or later."""
        found = []
        for version in reversed(self._versions.get(path, [])):
            if version.document is not None:
                found.append(version.document)
            if version.at <= since:
                break
        return found

    def leaving(self, since: float) -> Iterator[str]:
        """The paths of documents that have asked all that time to be taken down."""
        for path, versions in self._versions.items():
            there = versions[-1].document is not None
            if there and all(map(is_leaving, self.lately(path, since))):
                yield path

    def ever(self, path: str) -> Iterator[Mapping[str, Any]]:
        """All versions of a document that anybody may still know."""
        versions = self._versions.get(path, ())
        return (each.document for each in versions if each.document and not each.lost)

    def unit_group(self, unit: str) -> str | None:
        """The path of the document that names a unit of fleet."""
        for path, versions in self._versions.items():
            if path.startswith("/desired/unit/"):
                named = (each.document for each in versions if each.document)
                if any(unit in unit_names(path, each["spec"]) for each in named):
                    return path
        return None


def is_leaving(document: Mapping[str, Any]) -> bool:
    return bool(document.get("metadata", {}).get("deleting"))


def pool_of(node: str) -> str:
    """The path of the document of a node."""
    return POOLS + re.sub("[0-9]+$", "", node)


def named(path: str, spec: Mapping[str, Any]) -> tuple[str, ...]:
    """The nodes of a pool's document, or the units of a unit's."""
    return node_names(spec) if path.startswith(POOLS) else unit_names(path, spec)


def node_names(spec: Mapping[str, Any]) -> tuple[str, ...]:
    ordinals = range(1, spec["replicas"] + 1)
    return tuple(spec["nameFormat"].format(ordinal=ordinal) for ordinal in ordinals)


def unit_names(path: str, spec: Mapping[str, Any]) -> tuple[str, ...]:
    """The units of fleet that a document names."""
    short = path.rpartition("/")[2]
    instances = spec.get("instances")
    name = str(spec.get("name", f"{short}{'@' if instances else ''}.service"))
    if instances is None:
        return (name,)
    return tuple(name.replace("@", f"@{number}") for number in range(1, instances + 1))
