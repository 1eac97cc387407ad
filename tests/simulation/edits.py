"""Edits of the spec of a good document, which leave it a good one. Each is given a number that no
edit had before."""

import random
from collections.abc import Callable, Mapping
from typing import Any

import yaml

Spec = dict[str, Any]
Edit = Callable[[Spec, int, random.Random], None]

REPLICAS_MAX = 5
INSTANCES_MAX = 5
# Members of the Elasticsearch cluster: it is told to have two before it works.
NODES_LEAST, NODES_MOST = 2, 3
NODES = "elasticsearch"


def _other_replicas(spec: Spec, _revision: int, rng: random.Random) -> None:
    spec["replicas"] = rng.randint(_least(spec), REPLICAS_MAX)


def one_replica_less(spec: Spec, _revision: int, _rng: random.Random) -> None:
    spec["replicas"] = max(_least(spec), spec["replicas"] - 1)


def _least(spec: Spec) -> int:
    """Where units run, at least as many nodes as there may be of Elasticsearch."""
    return NODES_MOST if spec["health"].get("fleet", True) else 1


def _other_label(spec: Spec, revision: int, _rng: random.Random) -> None:
    spec.setdefault("labels", {})["revision"] = str(revision)


def _other_tags(spec: Spec, revision: int, _rng: random.Random) -> None:
    spec["tags"] = ["core", f"revision-{revision}"]


def _other_metadata(spec: Spec, revision: int, _rng: random.Random) -> None:
    spec.setdefault("metadata", {})["revision"] = str(revision)


def _other_content(spec: Spec, revision: int, _rng: random.Random) -> None:
    lines = [each for each in spec["content"].split("\n") if "REVISION=" not in each]
    lines.insert(lines.index("[Service]") + 1, f"Environment=REVISION={revision}")
    spec["content"] = "\n".join(lines)


def _other_instances(spec: Spec, _revision: int, rng: random.Random) -> None:
    """Some more, or fewer."""
    if "instances" not in spec:
        return
    is_cluster = NODES in spec["content"]
    least, most = (NODES_LEAST, NODES_MOST) if is_cluster else (1, INSTANCES_MAX)
    spec["instances"] = rng.randint(least, most)


def _other_budget(spec: Spec, _revision: int, rng: random.Random) -> None:
    if "instances" in spec:
        spec["rollout"] = {"maxUnavailable": rng.randint(1, 2)}


def _other_state(spec: Spec, _revision: int, rng: random.Random) -> None:
    if NODES not in spec["content"]:
        spec["desiredState"] = rng.choice(("launched", "launched", "loaded", "inactive"))


def _other_name(spec: Spec, revision: int, _rng: random.Random) -> None:
    if "instances" not in spec:
        spec["name"] = f"single-{revision}.service"


def _other_value(spec: Spec, revision: int, _rng: random.Random) -> None:
    if spec["format"] == "yaml":
        value = yaml.safe_load(spec["value"]) | {"index.number_of_shards": revision}
        spec["value"] = yaml.safe_dump(value)
    else:
        spec["value"] = f"revision {revision}"


def _more_patience(spec: Spec, revision: int, _rng: random.Random) -> None:
    spec["registration"]["ttlSeconds"] = 300 + revision


EDITS: Mapping[str, tuple[Edit, ...]] = {
    "nodepool": (_other_replicas, _other_replicas, _other_label, _other_tags, _other_metadata),
    "unit": (
        _other_content,
        _other_instances,
        _other_instances,
        _other_budget,
        _other_state,
        _other_name,
    ),
    "configkey": (_other_value,),
    "elasticsearch": (_more_patience,),
}
