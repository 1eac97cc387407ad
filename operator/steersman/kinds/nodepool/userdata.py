"""User data: what is still wrong with a template, or with a value that goes into it."""

import re
from collections.abc import Iterator

from steersman.model.template import PLACEHOLDER, used

BYTES_MAX = 256 * 1024  # of one metadata value, says Compute Engine

_OPENING = re.compile(r"\{\{")
_LEFT_OVER = re.compile(r"<[A-Z][A-Z0-9_-]*>")


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
        if not PLACEHOLDER.match(template, opening.start()):
            yield f"holds {{{{ that begins no {{{{ variable }}}}{_at_line(template, opening)}"


def is_placeholder(text: str) -> bool:
    return PLACEHOLDER.search(text) is not None


def _at_line(text: str, found: re.Match[str]) -> str:
    before = text.count("\n", 0, found.start())
    return f" in line {before + 1}" if "\n" in text.rstrip("\n") else ""
