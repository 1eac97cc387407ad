"""Whether what there is agrees with what the documents ask for: the end of every story."""

from collections.abc import Iterator
from typing import Any

from localcloud.compute.resources import Instance
from localcloud.fleet.units.unitfile import parse
from tests.simulation.rules.base import VALUE
from tests.simulation.truth import Truth
from tests.simulation.wanted import POOLS, Wanted, node_names, pool_of, unit_names


def differences(truth: Truth, wanted: Wanted) -> Iterator[str]:
    for name, spec in wanted.specs("nodepool").items():
        yield from _pool(name, spec, truth)
    for name, spec in wanted.specs("unit").items():
        yield from _units(name, spec, truth, wanted)
    yield from _keys(truth, wanted)
    if wanted.specs("elasticsearch"):
        yield from _elasticsearch(wanted.specs("configkey")["elasticsearch"]["value"], truth)
    if disks := truth.loose_disks():
        yield f"disks without an instance: {', '.join(disks)}"
    if intents := truth.intents():
        yield f"these are not settled: {', '.join(intents)}"
    for path in wanted.leaving(truth.now):
        if not truth.holds(path, "Deleted"):
            yield f"{path} is not deleted"


def _keys(truth: Truth, wanted: Wanted) -> Iterator[str]:
    for name, spec in wanted.specs("configkey").items():
        if truth.config(spec.get("key", f"/configs/{name}")) != spec["value"]:
            yield f"configkey/{name} has another value"


def _pool(name: str, spec: Any, truth: Truth) -> Iterator[str]:
    machines = truth.machines()
    for each in truth.our_instances():
        if pool_of(each.name) == POOLS + name and each.name not in node_names(spec):
            yield f"nodepool/{name}: {each.name} is more than asked for"
    for ordinal in range(1, spec["replicas"] + 1):
        node = spec["nameFormat"].format(ordinal=ordinal)
        instance = truth.instance(node)
        if instance is None or instance.status != "RUNNING":
            yield f"nodepool/{name}: {node} is {instance.status if instance else 'missing'}"
        elif spec["health"].get("fleet", True) and instance.ip not in machines:
            yield f"nodepool/{name}: {node} is not in the fleet"
        elif differs := next(_edits(spec, instance), None):
            yield f"nodepool/{name}: {node} has other {differs}"


def _edits(spec: Any, instance: Instance) -> Iterator[str]:
    """What can be changed of a node that is there, and is not as asked for."""
    if not spec.get("labels", {}).items() <= instance.labels.items():
        yield "labels"
    if set(spec.get("tags", ())) != set(instance.tags):
        yield "tags"
    if not spec.get("metadata", {}).items() <= instance.metadata.items():
        yield "metadata"


def _units(name: str, spec: Any, truth: Truth, wanted: Wanted) -> Iterator[str]:
    path = f"/desired/unit/{name}"
    for unit in unit_names(path, spec):
        yield from _unit(unit, spec, truth)
    ever = {each for old in wanted.ever(path) for each in unit_names(path, old["spec"])}
    for unit in sorted(ever - set(unit_names(path, spec))):
        if truth.fleet_unit(unit) or truth.runs(unit):
            yield f"{unit} is more than asked for"


def _unit(unit: str, spec: Any, truth: Truth) -> Iterator[str]:
    wanted = spec.get("desiredState", "launched")
    there = truth.fleet_unit(unit)
    if there is None:
        yield f"{unit} is not in fleet"
    elif there.desired != wanted:
        yield f"{unit} is {there.desired}, not {wanted}"
    elif there.options != parse(spec["content"]):
        yield f"{unit} has other content"
    elif truth.runs(unit) != (wanted == "launched"):
        yield f"{unit} should be {wanted} and is {'up' if truth.runs(unit) else 'down'}"
    elif any(loaded.options != there.options for loaded in truth.loaded(unit)):
        yield f"{unit} runs with other content"


def _elasticsearch(config: str, truth: Truth) -> Iterator[str]:
    nodes, registered = truth.nodes(), truth.registered()
    if dict.fromkeys(nodes, VALUE) != registered:
        yield f"registered are {', '.join(registered)}; there are {', '.join(sorted(nodes))}"
    if len({node.master for node in nodes.values()}) > 1:
        yield "the nodes do not follow one master"
    for ip, node in nodes.items():
        if truth.was_rewound:  # with what was remembered of the nodes' beginnings
            return
        shards = next(line for line in config.splitlines() if "number_of_shards" in line)
        if f"index.number_of_shards: {node.spec.settings['index.number_of_shards']}" != shards:
            yield f"the node at {ip} was started with another configuration"
