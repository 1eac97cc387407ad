"""Documents as people write them: made, edited and spoilt at random. All are good but the spoilt
ones, and no edit asks for less than before, so that nobody has to approve or to tidy up."""

import copy
import json
import random
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from tests.simulation.story import POST

SECRET = "hunter2hunter2"  # in user data; nobody but the instance may ever read it
POISON = "poison"  # in whatever no document that is in force says
ZONES = ("europe-west1-b", "europe-west1-c", "europe-west1-d")
REPLICAS_MAX = 5
UNIT = """[Unit]
Description={name}

[Service]
Environment=REVISION=1
{service}

[X-Fleet]
X-Conflicts={conflicts}
"""

Document = dict[str, Any]


class Drafts:
    """`documents` are those that were written last, by path."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._revision = 1
        self.documents: dict[str, Document] = {}
        self._write_pools()
        self._write_units()
        if rng.random() < 0.8:
            self._write_elasticsearch()

    def text(self, path: str) -> str:
        return json.dumps(self.documents[path])

    def edit(self) -> str:
        """The path of the document that was changed."""
        self._revision += 1
        path = self._rng.choice(sorted(self.documents))
        document = copy.deepcopy(self.documents[path])
        edit = self._rng.choice(_EDITS[path.split("/")[2]])
        edit(document["spec"], self._revision, self._rng)
        self.documents[path] = document
        return path

    def spoilt(self) -> tuple[str, str]:
        """A path and a text that must not come into force."""
        path = self._rng.choice(sorted(self.documents))
        document = copy.deepcopy(self.documents[path])
        return path, self._rng.choice(_SPOILS)(document)

    def _write_pools(self) -> None:
        core = _post("core")
        core["metadata"]["dependsOn"] = []
        core["spec"]["replicas"] = self._rng.randint(2, 4)
        core["spec"]["zones"] = self._rng.sample(ZONES, self._rng.randint(1, 3))
        user_data = core["spec"]["userData"]
        user_data["variables"]["password"] = SECRET
        user_data["template"] += "# {{ password }}\n"
        self.documents["/desired/nodepool/core"] = core
        if self._rng.random() < 0.5:
            lone = _post("discovery")
            lone["metadata"]["name"] = "lone"
            lone["spec"] |= {"replicas": self._rng.randint(1, 2), "nameFormat": "lone{ordinal}"}
            lone["spec"]["zones"] = self._rng.sample(ZONES, 2)
            self.documents["/desired/nodepool/lone"] = lone

    def _write_units(self) -> None:
        web = _unit("web@.service", "ExecStart=/usr/bin/docker run nginx", "none@*.service")
        web["spec"] |= {
            "instances": self._rng.randint(2, 4),
            "rollout": {"maxUnavailable": self._rng.randint(1, 2)},
            "reads": ["configkey/web"],
        }
        self.documents["/desired/unit/web"] = web
        self.documents["/desired/configkey/web"] = {
            "spec": {"format": "text", "onChange": "restart", "value": "revision 1"}
        }
        if self._rng.random() < 0.5:
            single = _unit("single.service", "ExecStart=/usr/bin/docker run redis", "none.service")
            self.documents["/desired/unit/single"] = single

    def _write_elasticsearch(self) -> None:
        replicas = self.documents["/desired/nodepool/core"]["spec"]["replicas"]
        nodes = _post("elasticsearch")
        nodes["spec"]["instances"] = min(3, replicas)
        self.documents["/desired/unit/elasticsearch"] = nodes
        self.documents["/desired/configkey/elasticsearch"] = _post("elasticsearch-config")
        self.documents["/desired/elasticsearch/es-prod"] = _post("elasticsearch-cluster")


def _post(name: str) -> Document:
    document: Document = yaml.safe_load((POST / f"{name}.yaml").read_text())
    return document


def _unit(name: str, service: str, conflicts: str) -> Document:
    content = UNIT.format(name=name, service=service, conflicts=conflicts)
    metadata = {"dependsOn": ["nodepool/core"]}
    return {"metadata": metadata, "spec": {"name": name, "content": content}}


# Edits: of the spec, with a number that no edit had before.


def _more_replicas(spec: Document, _revision: int, _rng: random.Random) -> None:
    spec["replicas"] = min(spec["replicas"] + 1, REPLICAS_MAX)


def _other_label(spec: Document, revision: int, _rng: random.Random) -> None:
    spec.setdefault("labels", {})["revision"] = str(revision)


def _other_content(spec: Document, revision: int, _rng: random.Random) -> None:
    lines = [each for each in spec["content"].split("\n") if "REVISION=" not in each]
    lines.insert(lines.index("[Service]") + 1, f"Environment=REVISION={revision}")
    spec["content"] = "\n".join(lines)


def _other_budget(spec: Document, _revision: int, rng: random.Random) -> None:
    if "instances" in spec:
        spec["rollout"] = {"maxUnavailable": rng.randint(1, 2)}


def _other_state(spec: Document, _revision: int, rng: random.Random) -> None:
    if "instances" not in spec:
        spec["desiredState"] = rng.choice(("launched", "launched", "loaded", "inactive"))


def _other_value(spec: Document, revision: int, _rng: random.Random) -> None:
    if spec["format"] == "yaml":
        value = yaml.safe_load(spec["value"]) | {"index.number_of_shards": revision}
        spec["value"] = yaml.safe_dump(value)
    else:
        spec["value"] = f"revision {revision}"


def _more_patience(spec: Document, revision: int, _rng: random.Random) -> None:
    spec["registration"]["ttlSeconds"] = 300 + revision


_EDITS: Mapping[str, tuple[Callable[[Document, int, random.Random], None], ...]] = {
    "nodepool": (_more_replicas, _other_label),
    "unit": (_other_content, _other_content, _other_budget, _other_state),
    "configkey": (_other_value,),
    "elasticsearch": (_more_patience,),
}


# Spoils: what people mistype, each with the poison where a lax reader would take it.


def _poisoned(document: Document) -> Document:
    spec = document["spec"]
    for field in ("content", "value"):
        if field in spec:
            spec[field] = f"{spec[field]}\n# {POISON}\n"
    if "zones" in spec:
        spec["labels"] = {POISON: POISON}
    return document


def _unknown_field(document: Document) -> str:
    _poisoned(document)["spec"]["replica"] = 7
    return json.dumps(document)


def _wrong_type(document: Document) -> str:
    spec = _poisoned(document)["spec"]
    spec[sorted(spec)[0]] = {"what": ["is", "this"]}
    return json.dumps(document)


def _cut_off(document: Document) -> str:
    return json.dumps(_poisoned(document))[:-3]


def _empty(_document: Document) -> str:
    return ""


def _of_another_kind(document: Document) -> str:
    return json.dumps({**_poisoned(document), "kind": "nodepools"})


_SPOILS: tuple[Callable[[Document], str], ...] = (
    _unknown_field,
    _wrong_type,
    _cut_off,
    _empty,
    _of_another_kind,
)
