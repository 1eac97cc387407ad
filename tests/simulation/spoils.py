"""What people mistype: documents that must not come into force, each with the poison where a lax
reader would take it."""

import json
from collections.abc import Callable
from typing import Any

Document = dict[str, Any]

POISON = "poison"  # in whatever no document that is in force says


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


SPOILS: tuple[Callable[[Document], str], ...] = (
    _unknown_field,
    _wrong_type,
    _cut_off,
    _empty,
    _of_another_kind,
)
