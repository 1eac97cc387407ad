"""What comes before what."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.simulation.network import Delivery
from tests.simulation.rules.base import NOTICED_SECONDS, Disrupting, Rule
from tests.simulation.truth import CONFIGS, Truth
from tests.simulation.wanted import Wanted, node_names, unit_names


class WhatItNeedsComesFirst(Rule):
    """Units are submitted when the nodes and keys that they need were all there, once."""

    def __init__(self, truth: Truth, wanted: Wanted) -> None:
        super().__init__(truth, wanted)
        self._stood: set[str] = set()  # kind/name

    def look(self) -> Iterator[str]:
        for name, spec in self.wanted.specs("nodepool").items():
            if f"nodepool/{name}" not in self._stood and self._all_join(spec):
                self._stood.add(f"nodepool/{name}")
        for name, spec in self.wanted.specs("configkey").items():
            if self.truth.config(spec.get("key", f"{CONFIGS}{name}")) is not None:
                self._stood.add(f"configkey/{name}")
        yield from ()

    def arrives(self, delivery: Delivery) -> Iterator[str]:
        write = delivery.write
        if write.system != "fleet" or not write.action.startswith("put "):
            return
        if self.truth.fleet_unit(write.target) is not None:
            return
        path = self.wanted.unit_group(write.target) or ""
        versions = self.wanted.lately(path, self.truth.now - NOTICED_SECONDS)
        for each in set.intersection(*map(_needs, versions)) if versions else ():
            if each not in self._stood:
                yield f"{write}, and {each} was never there"

    def _all_join(self, spec: Mapping[str, Any]) -> bool:
        nodes, machines = map(self.truth.instance, node_names(spec)), self.truth.machines()
        return all(each is not None and each.ip in machines for each in nodes)


class WhatOthersNeedGoesLast(Disrupting):
    """A key is not taken away from units that read it and run."""

    def arrives(self, delivery: Delivery) -> Iterator[str]:
        write = delivery.write
        if write.action != "delete" or not write.target.startswith(CONFIGS):
            return
        for path, spec in self._readers(write.target.removeprefix(CONFIGS)):
            for unit in unit_names(path, spec):
                if self._up.lasted(unit, self.truth.now) > NOTICED_SECONDS:
                    yield f"{write}, and {unit} of {path} reads it and runs"

    def _readers(self, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for path, document in self.wanted.all().items():
            if f"configkey/{name}" in document["spec"].get("reads", ()):
                yield path, document["spec"]

    def units(self) -> set[str]:
        """Those, too, that are asked away."""
        return {
            each
            for path, document in self.wanted.all().items()
            if path.startswith("/desired/unit/")
            for each in unit_names(path, document["spec"])
        }


def _needs(document: Mapping[str, Any]) -> set[str]:
    named = document.get("metadata", {}).get("dependsOn", ())
    read = document["spec"].get("reads", ())
    return {each for each in (*named, *read) if each.startswith(("nodepool/", "configkey/"))}
