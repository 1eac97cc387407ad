"""Supposing: the World as it would be if some documents were applied. Pure; nothing is written."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from steersman.engine.acceptance.accept import Acceptance
from steersman.engine.apart import apart
from steersman.model.document import DocumentError, Problem, body
from steersman.model.kind import Kinds
from steersman.model.reading import key_in
from steersman.model.resource import Key
from steersman.model.world import World


def keyed(documents: Iterable[Any], kinds: Kinds) -> Mapping[Key, bytes]:
    """Documents that say their own kind and name, as a store would hold them. DocumentError."""
    found: dict[Key, bytes] = {}
    for each in documents:
        content = json.dumps(each).encode()
        key = key_in(body(content), kinds)
        if key in found:
            raise DocumentError(Problem(f"{key} stands here twice"))
        found[key] = content
    return found


def world_with(found: Acceptance, world: World, kinds: Kinds) -> World:
    """The World with another acceptance, and with what is told of its resources."""
    supposed = replace(world, **found.in_force)
    return replace(supposed, facts=_facts(supposed, kinds))


def _facts(world: World, kinds: Kinds) -> Mapping[Key, Mapping[str, str]]:
    everything = {**world.released, **world.resources}
    told = apart(everything, lambda key: kinds[key.kind].facts(everything[key], world))
    return {key: facts for key, facts in told.said.items() if facts}
