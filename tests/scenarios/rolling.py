"""The longest story, told as a whole: a changed configuration reaches three nodes."""

from collections import Counter
from dataclasses import dataclass

from tests.scenarios.cloud import POST, LocalCloud
from tests.scenarios.looking import get_json, until
from tests.scenarios.witness import HEAL_SECONDS, Witness

NODES = 3
REPLICAS = "2"


@dataclass(frozen=True, slots=True)
class Roll:
    """What was seen of it. `running` tells how many nodes ran, look by look."""

    applied: list[str]
    writes: list[str]
    steps: list[str]
    running: list[int]


def roll(cloud: LocalCloud) -> Roll:
    """Returns when every node runs with the new configuration and everything is ready."""
    cloud.until_ready()
    document = (POST / "elasticsearch-config.yaml").read_text()
    witness, running = Witness(cloud), [NODES]

    def rolled() -> bool:
        assert cloud.runs()
        running.append(len(cloud.state()["nodes"]))
        return _replicas(cloud) == [REPLICAS] * NODES and cloud.ready()

    applied = cloud.apply(
        document.replace("number_of_replicas: 1", f"number_of_replicas: {REPLICAS}")
    )
    until(rolled, NODES * HEAL_SECONDS, cloud.not_ready)
    steps: list[str] = []

    def told() -> bool:
        steps[:] = witness.steps()
        return _all_are_back(steps)

    until(told, HEAL_SECONDS, lambda: steps)
    return Roll(applied, witness.writes(), steps, running)


def _all_are_back(steps: list[str]) -> bool:
    """Whoever was told to have left the registry is told to have come back."""
    actions = Counter(each.partition(" ")[0] for each in steps)
    return actions["Deregister"] == actions["Register"]


def _replicas(cloud: LocalCloud) -> list[str]:
    """The setting that each node runs with, asked of the node itself."""
    return [
        node["settings"]["index"]["number_of_replicas"]
        for each in cloud.state()["nodes"]
        for node in get_json(f"http://{each['ip']}:9200/_nodes/_local/settings")["nodes"].values()
    ]
