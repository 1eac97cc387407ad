"""How many nodes a cluster is to have, how many are registered, and how it says that it is."""

from collections.abc import Mapping
from datetime import datetime

from steersman.kinds.elasticsearch.health import answers, master, masters
from steersman.kinds.elasticsearch.observe import observe
from steersman.kinds.elasticsearch.spec import ElasticsearchSpec
from steersman.model.kind import Gauge
from steersman.model.resource import Resource
from steersman.model.world import World

COLORS = ("green", "yellow", "red")

Values = Mapping[tuple[str, ...], float]


def expected(resource: Resource[ElasticsearchSpec], world: World, _now: datetime) -> Values:
    """Nothing while the unit tells no instances."""
    units = observe(resource, world).units
    return {} if units is None else {(): len(units)}


def registered(resource: Resource[ElasticsearchSpec], world: World, _now: datetime) -> Values:
    """Nothing before the keys were read."""
    cluster = observe(resource, world)
    return {(): len(cluster.registered)} if cluster.registry_read else {}


def seen_masters(resource: Resource[ElasticsearchSpec], world: World, _now: datetime) -> Values:
    return {(): len(masters(answers(observe(resource, world))))}


def health(resource: Resource[ElasticsearchSpec], world: World, _now: datetime) -> Values:
    """By the word of the one master; 0 for every color while there is none."""
    cluster = observe(resource, world)
    leader = master(cluster)
    told = {probe.health for probe in answers(cluster) if leader and probe.name == leader}
    return {(color,): color in told for color in COLORS}


GAUGES = (
    Gauge(
        "steersman_es_expected_nodes",
        "Nodes that a cluster is to have.",
        ("cluster",),
        expected,
    ),
    Gauge(
        "steersman_es_registered_nodes",
        "Nodes of a cluster that are registered.",
        ("cluster",),
        registered,
    ),
    Gauge(
        "steersman_es_masters",
        "Masters that the nodes of a cluster follow; more than one is a split brain.",
        ("cluster",),
        seen_masters,
    ),
    Gauge(
        "steersman_es_cluster_health",
        "1 for the color that the master of a cluster tells.",
        ("cluster", "color"),
        health,
    ),
)
