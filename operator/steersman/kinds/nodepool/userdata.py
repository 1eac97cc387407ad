"""User data: a template in which `{{ name }}` stands for a variable, and nothing else happens."""

import re
from collections.abc import Iterator, Mapping

BYTES_MAX = 256 * 1024  # of one metadata value, says Compute Engine
VARIABLE = r"[A-Za-z_][A-Za-z0-9_]*"

_PLACEHOLDER = re.compile(rf"\{{\{{\s*({VARIABLE})\s*\}}\}}")
_OPENING = re.compile(r"\{\{")
_LEFT_OVER = re.compile(r"<[A-Z][A-Z0-9_-]*>")


def render(template: str, values: Mapping[str, str]) -> str:
    """The template with its variables put in, once: a value is not looked into."""
    return _PLACEHOLDER.sub(lambda found: values[found[1]], template)


def used(template: str) -> frozenset[str]:
    return frozenset(_PLACEHOLDER.findall(template))


def incomplete(text: str) -> str | None:
    """Why somebody still has to fill in something here, or None. It quotes no value."""
    if not text.strip():
        return "is empty"
    if found := _LEFT_OVER.search(text):
        return f"still holds {found[0]}{_at_line(text, found)}: put the real value there"
    return None


def template_faults(template: str, variables: frozenset[str]) -> Iterator[str]:
    if said := incomplete(template):
        yield said
    for name in sorted(used(template) - variables):
        yield f"uses {name}, which `variables` does not define"
    for opening in _OPENING.finditer(template):
        if not _PLACEHOLDER.match(template, opening.start()):
            yield f"holds {{{{ that begins no {{{{ variable }}}}{_at_line(template, opening)}"


def is_placeholder(text: str) -> bool:
    return _PLACEHOLDER.search(text) is not None


def _at_line(text: str, found: re.Match[str]) -> str:
    before = text.count("\n", 0, found.start())
    return f" in line {before + 1}" if "\n" in text.rstrip("\n") else ""
