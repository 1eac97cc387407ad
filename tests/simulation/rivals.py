"""Second documents about an outside object that another document has: good in themselves, and
never in force."""

import copy
import json
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.simulation.script import Happening

RIVAL = "rival"  # the name of each
RIVALS_WORDS = "words-of-a-rival"  # in whatever it asks for
SHARE = 0.2  # of all stories
FIRST_SECONDS = 150.0
MEAN_SECONDS = 180.0  # from one to the next
LASTS_SECONDS = (20.0, 600.0)
ALL_GOES = frozenset({"wipe", "rewind"})  # who is away and comes back may find it taken

Document = dict[str, Any]


def rivals(
    rng: random.Random, documents: Mapping[str, str], others: tuple[Happening, ...], seconds: float
) -> Iterator[Happening]:
    """In some stories somebody writes about what another document has, all the time."""
    if rng.random() >= SHARE or any(each.what in ALL_GOES for each in others):
        return
    has = [path for path in sorted(documents) if _keeps_its_own(path, others)]
    at = FIRST_SECONDS + rng.expovariate(1 / MEAN_SECONDS)
    while has and at < seconds:
        path, lasts = rng.choice(has), round(rng.uniform(*LASTS_SECONDS), 1)
        text = rival_of(path, documents[path], below=rng.random() < 0.5)
        yield Happening(at, "rival", path, seconds=lasts, text=text)
        at += rng.expovariate(1 / MEAN_SECONDS)


def path_of_rival(path: str) -> str:
    return f"{path.rpartition('/')[0]}/{RIVAL}"


def rival_of(path: str, text: str, *, below: bool = False) -> str:
    """A document of the same kind that names one of the same objects; of a key perhaps what lies
    below it."""
    document = copy.deepcopy(json.loads(text))
    document.setdefault("metadata", {})["name"] = RIVAL
    _, _, kind, name = path.split("/")
    _OF_KIND[kind](document["spec"], name, below)
    return json.dumps(document)


def _keeps_its_own(path: str, others: tuple[Happening, ...]) -> bool:
    """Whether it names the same as long as the story lasts: it is neither taken down nor, as what
    has no instances may be, given another name."""
    puts = (json.loads(each.text) for each in others if (each.what, each.name) == ("put", path))
    leaves = any(each.get("metadata", {}).get("deleting") for each in puts)
    return not leaves and path != "/desired/unit/single"


def _unit(spec: Document, name: str, _below: bool) -> None:
    spec.setdefault("name", f"{name}@.service")
    spec["instances"] = 1
    spec["content"] += f"X-Rival={RIVALS_WORDS}\n"


def _configkey(spec: Document, name: str, below: bool) -> None:
    key = spec.get("key", f"/configs/{name}")
    spec |= {"key": f"{key}/below" if below else key, "format": "text", "value": RIVALS_WORDS}


def _nodepool(spec: Document, _name: str, _below: bool) -> None:
    spec |= {"replicas": 1, "tags": [RIVALS_WORDS]}


def _elasticsearch(spec: Document, _name: str, _below: bool) -> None:
    spec["registration"]["ttlSeconds"] = 301


_OF_KIND: Mapping[str, Callable[[Document, str, bool], None]] = {
    "unit": _unit,
    "configkey": _configkey,
    "nodepool": _nodepool,
    "elasticsearch": _elasticsearch,
}
