"""YAML that somebody else wrote, as plain data: neither too deep, nor grown by its aliases."""

from itertools import chain
from typing import Any

import yaml

DEPTH_MAX = 50
VALUES_MAX = 50_000  # an alias counts as all that it stands for
NUMBER_CHARACTERS_MAX = 100
NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class BadYamlError(ValueError):
    """It is no YAML, or more of it than anybody means."""


def load(text: str) -> Any:
    try:
        _refuse_depth(text)
        node = yaml.compose(text, Loader=LOADER)
        if node is not None and _values(node, {}) > VALUES_MAX:
            raise BadYamlError("more values than a file of settings has")
        return yaml.load(text, Loader=LOADER)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError, LookupError) as error:
        # PyYAML fails at a tag that its value does not keep with all sorts of errors
        raise BadYamlError(str(error)) from error


def _refuse_depth(text: str) -> None:
    """Before anything is composed: that happens in C, and too deep it would end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH_MAX:
            raise BadYamlError("nested too deep")


def _values(node: yaml.Node, known: dict[int, int]) -> int:
    """How many there are once every alias is written out."""
    if isinstance(node, yaml.ScalarNode):
        if node.tag in NUMBERS and len(node.value) > NUMBER_CHARACTERS_MAX:
            raise BadYamlError("a number too long to be one")
        return 1
    if id(node) not in known:
        known[id(node)] = VALUES_MAX + 1  # while it is counted: only one that holds itself asks
        pairs = isinstance(node, yaml.MappingNode)
        parts = chain.from_iterable(node.value) if pairs else node.value
        known[id(node)] = 1 + sum(_values(part, known) for part in parts)
    return known[id(node)]
