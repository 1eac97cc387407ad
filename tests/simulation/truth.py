"""What is true on a stage, read from the models alone: no daemon is asked, nor its view."""

import json
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.compute.resources import Instance
from localcloud.elasticsearch.node import Node
from localcloud.fleet.systemd import Loaded
from tests.simulation.stage import OWNER, Stage

LEADER = "/steersman/leader"
SERVICES = "/services/"
CONFIGS = "/configs/"
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

    def instances(self) -> tuple[Instance, ...]:
        return tuple(self._stage.cloud.compute.state.instances.values())

    def instance(self, name: str) -> Instance | None:
        return next((each for each in self.instances() if each.name == name), None)

    def our_instances(self) -> tuple[Instance, ...]:
        return tuple(each for each in self.instances() if each.labels.get(OURS) == OWNER)

    def loose_disks(self) -> list[str]:
        """Disks that no instance holds."""
        disks = self._stage.cloud.compute.state.disks.values()
        return sorted(disk.name for disk in disks if not disk.user)

    def loaded(self, unit: str) -> list[Loaded]:
        """The unit as each machine's systemd has it."""
        agents = self._stage.cloud.fleet._cluster.agents.values()
        return [agent.systemd.units[unit] for agent in agents if unit in agent.systemd.units]

    def runs(self, unit: str) -> bool:
        return any(each.running for each in self.loaded(unit))

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
        return self._stage.home.peek(f"/steersman/intents/{system}/{name.strip('/')}") is not None

    def silent(self, ip: str) -> bool:
        return ip in self._stage.silent

    def removed_by_hand(self, ip: str) -> bool:
        """Whether a person has removed its registration, once."""
        by_hand = ip in self._stage.removed_by_hand
        self._stage.removed_by_hand.discard(ip)
        return by_hand

    def fleet_unit(self, name: str) -> Any:
        return self._stage.cloud.fleet.unit(name)


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
    at: float
    document: Mapping[str, Any] | None  # None: it was taken away


class Wanted:
    """What the documents ask for, and asked for before: good documents only."""

    def __init__(self) -> None:
        self._versions: dict[str, list[Version]] = {}

    def put(self, path: str, document: Mapping[str, Any], at: float) -> None:
        self._versions.setdefault(path, []).append(Version(at, document))

    def remove(self, path: str, at: float) -> None:
        self._versions.setdefault(path, []).append(Version(at, None))

    def documents(self) -> Mapping[str, str]:
        """The documents that are there now, as text."""
        return {
            path: json.dumps(versions[-1].document)
            for path, versions in self._versions.items()
            if versions[-1].document
        }

    def specs(self, kind: str) -> Mapping[str, Mapping[str, Any]]:
        """By name, of the documents that are there now."""
        prefix = f"/desired/{kind}/"
        return {
            path.removeprefix(prefix): versions[-1].document["spec"]
            for path, versions in self._versions.items()
            if path.startswith(prefix) and versions[-1].document
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

    def unit_group(self, unit: str) -> str | None:
        """The path of the document that names a unit of fleet."""
        for path, versions in self._versions.items():
            if path.startswith("/desired/unit/"):
                named = (each.document for each in versions if each.document)
                if any(unit in unit_names(path, each["spec"]) for each in named):
                    return path
        return None


def unit_names(path: str, spec: Mapping[str, Any]) -> tuple[str, ...]:
    """The units of fleet that a document names."""
    short = path.rpartition("/")[2]
    instances = spec.get("instances")
    name = str(spec.get("name", f"{short}{'@' if instances else ''}.service"))
    if instances is None:
        return (name,)
    return tuple(name.replace("@", f"@{number}") for number in range(1, instances + 1))
