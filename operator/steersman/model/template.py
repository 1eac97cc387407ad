"""Templates: text in which `{{ name }}` stands for a variable, and nothing else happens."""

import re
from collections.abc import Mapping

VARIABLE = r"[A-Za-z_][A-Za-z0-9_]*"
PLACEHOLDER = re.compile(rf"\{{\{{\s*({VARIABLE})\s*\}}\}}")


def render(template: str, values: Mapping[str, str]) -> str:
    """The template with its variables put in, once: a value is not looked into."""
    return PLACEHOLDER.sub(lambda found: values[found[1]], template)


def rendered_bytes(template: str, values: Mapping[str, str]) -> int:
    """How long it gets, worked out without making it: that may be more than there is memory."""
    lengths = {name: len(value.encode()) for name, value in values.items()}
    placed = PLACEHOLDER.finditer(template)
    return len(template.encode()) + sum(lengths[each[1]] - len(each[0].encode()) for each in placed)


def used(template: str) -> frozenset[str]:
    return frozenset(PLACEHOLDER.findall(template))
