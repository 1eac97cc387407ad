"""Documents as people write them: made, edited, asked away and spoilt at random. All are good but
the spoilt ones."""

import copy
import json
import random
from typing import Any

import yaml

from tests.simulation.edits import EDITS, NODES_MOST, Edit, one_replica_less
from tests.simulation.spoils import SPOILS
from tests.simulation.story import POST

SECRET = "hunter2hunter2"  # in user data; nobody but the instance may ever read it
ZONES = ("europe-west1-b", "europe-west1-c", "europe-west1-d")
# What may be taken down by itself: nobody who stays needs it.
LEAVING = (
    ("nodepool/lone",),
    ("unit/single",),
    ("unit/web", "configkey/web"),
    ("elasticsearch/es-prod",),
    ("elasticsearch/es-prod", "unit/elasticsearch", "configkey/elasticsearch"),
)
# Of a unit that may crash for ever, and is started again each time.
TIRELESS = {"maxRestarts": 100, "windowSeconds": 600, "backoffSeconds": 1, "backoffMaxSeconds": 1}
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
    """`documents` are those that were written last, by path; `leaving` those that ask away what
    they are about."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._revision = 1
        self.documents: dict[str, Document] = {}
        self.leaving: set[str] = set()
        self._write_pools()
        self._write_units()
        if rng.random() < 0.8:
            self._write_elasticsearch()

    def text(self, path: str) -> str:
        return json.dumps(self.documents[path])

    def edit(self) -> str:
        """The path of the document that was changed."""
        path = self._rng.choice(sorted(self.documents.keys() - self.leaving))
        self._change(path, self._rng.choice(EDITS[path.split("/")[2]]))
        return path

    def less_by_one(self, path: str) -> None:
        """Of a pool, if it may have less."""
        self._change(path, one_replica_less)

    def take_down(self) -> tuple[str, ...]:
        """The paths of the documents that now ask to be taken down; none if there are no more."""
        there = self.documents.keys() - self.leaving
        groups = [tuple(f"/desired/{name}" for name in group) for group in LEAVING]
        whole = [group for group in groups if there.issuperset(group)]
        chosen = self._rng.choice(whole) if whole else ()
        for path in chosen:
            self._mark(path, deleting=True)
        return chosen

    def bring_back(self) -> tuple[str, ...]:
        """The paths of the documents that were to be taken down, and are not any more."""
        back = tuple(sorted(self.leaving))
        for path in back:
            self._mark(path, deleting=False)
        return back

    def spoilt(self) -> tuple[str, str]:
        """A path and a text that must not come into force."""
        path = self._rng.choice(sorted(self.documents))
        document = copy.deepcopy(self.documents[path])
        return path, self._rng.choice(SPOILS)(document)

    def _change(self, path: str, edit: Edit) -> None:
        self._revision += 1
        document = copy.deepcopy(self.documents[path])
        edit(document["spec"], self._revision, self._rng)
        self.documents[path] = document

    def _mark(self, path: str, *, deleting: bool) -> None:
        document = copy.deepcopy(self.documents[path])
        document.setdefault("metadata", {})["deleting"] = deleting
        self.documents[path] = document
        self.leaving ^= {path}

    def _write_pools(self) -> None:
        core = _post("core")
        core["metadata"]["dependsOn"] = []
        core["spec"]["replicas"] = self._rng.randint(NODES_MOST, 4)
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
        if self._rng.random() < 0.3:
            web["spec"]["restart"] = TIRELESS
        self.documents["/desired/unit/web"] = web
        self.documents["/desired/configkey/web"] = {
            "spec": {"format": "text", "onChange": "restart", "value": "revision 1"}
        }
        if self._rng.random() < 0.5:
            single = _unit("single.service", "ExecStart=/usr/bin/docker run redis", "none.service")
            self.documents["/desired/unit/single"] = single

    def _write_elasticsearch(self) -> None:
        nodes = _post("elasticsearch")
        nodes["spec"]["instances"] = NODES_MOST
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
