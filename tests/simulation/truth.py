"""What is true on a stage, read from the models alone: no daemon is asked, nor its view."""

import json
from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from localcloud.compute.resources import Instance
from localcloud.elasticsearch.parts.process import Node
from localcloud.fleet.parts.systemd import Loaded
from localcloud.fleet.records import ApiError as FleetError
from localcloud.fleet.records import Unit
from tests.simulation.stage import INTENTS, OWNER, Stage
from tests.simulation.wanted import pool_of

LEADER = "/steersman/leader"
SERVICES = "/services/"
CONFIGS = "/configs/"
DESIRED = "/desired/"
STATUS = "/status/"
REQUESTS = "/steersman/requests/"
ELASTICSEARCH = "/desired/elasticsearch/es-prod"
ACCEPTED = "/steersman/accepted/"
HOLDS = "/steersman/holds/"
REWINDS = "/steersman/rewinds/home"
OURS = "steersman-owner"
UID = "steersman-uid"
ORDINAL = "steersman-ordinal"
MOVING = frozenset({"activating", "deactivating", "reloading"})


class Truth:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    @property
    def now(self) -> float:
        """Seconds since the beginning."""
        return self._stage.clock.monotonic()

    @property
    def time(self) -> datetime:
        """By every good clock."""
        return self._stage.clock.now()

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

    def failed_lately(self, name: str, seconds: float) -> bool:
        """Whether an operation on an instance of that name has just ended in an error."""
        since = self._stage.epoch.now() - seconds
        return any(
            each.failure and each.done and (each.ended or 0.0) >= since
            for each in self._stage.cloud.compute.state.operations.values()
            if each.target.rpartition("/")[2] == name
        )

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

    def runs_at(self, unit: str) -> list[str]:
        """The machines on which it runs: on two, while fleet moves it."""
        loaded = self._stage.cloud.fleet.loaded(unit)
        return [machine for machine, each in loaded.items() if each.running]

    def shown_to_run(self) -> set[str]:
        """The units of which fleet says that they run, or are on their way up or down."""
        return {
            each.name
            for each in self._stage.cloud.fleet.states()
            if each.active in MOVING or (each.active == "active" and each.sub != "exited")
        }

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

    def in_force(self, path: str) -> str | None:
        """The document that home records as accepted."""
        entry = self._stage.home.peek(ACCEPTED + path.removeprefix(DESIRED))
        return str(json.loads(entry.value)["document"]) if entry else None

    def holds(self, path: str, condition: str) -> bool:
        """Whether the operator says so of the resource."""
        conditions = self.status(path).get("conditions", ())
        return any(each["type"] == condition and each["status"] == "True" for each in conditions)

    def paused(self) -> Iterator[tuple[str, str]]:
        """What people have paused, as they typed it, with the key of the request."""
        return self._asked("pause")

    def restart_is_asked(self, path: str) -> bool:
        """Whether a person wants the unit of a document to be restarted."""
        return any(DESIRED + ref == path for ref, _ in self._asked("restart"))

    def _asked(self, verb: str) -> Iterator[tuple[str, str]]:
        for key, entry in sorted(self._stage.home._entries.items()):
            if key.startswith(REQUESTS) and (asked := json.loads(entry.value))["verb"] == verb:
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
