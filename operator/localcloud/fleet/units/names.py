"""Names of units: what fleet accepts, and what a name tells."""

import re
from dataclasses import dataclass

from localcloud.fleet.gotext import quoted

NAME_BYTES_MAX = 256
TEMPLATE_TYPES = frozenset({"path", "service", "socket", "target", "timer"})
# Agents write the file of any other type and then ignore it: it never has a state.
RECOGNISED_TYPES = frozenset({"automount", "device", "mount", "path", "service", "socket", "timer"})
UNIT_TYPES = TEMPLATE_TYPES | RECOGNISED_TYPES | {"busname", "scope", "slice", "snapshot", "swap"}
_FORBIDDEN = re.compile(r"[^0-9A-Za-z:_.@\\-]")


class InvalidNameError(ValueError):
    """The API refuses the name; the message is fleet's own."""


def unit_type(name: str) -> str:
    return name.rpartition(".")[2]


def validate_name(name: str) -> None:
    if (message := _complaint(name)) is not None:
        raise InvalidNameError(message)


def _complaint(name: str) -> str | None:
    """The first rule that the name breaks, in fleet's order and words."""
    _, dot, suffix = name.rpartition(".")
    if not name:
        return "unit name cannot be empty"
    if len(name.encode()) > NAME_BYTES_MAX:
        return f"unit name exceeds maximum length ({NAME_BYTES_MAX})"
    if not dot:
        return 'unit name must contain "."'
    if not suffix:
        return 'unit name cannot end in "."'
    if suffix not in UNIT_TYPES:
        return f"invalid unit type: {quoted(suffix)}"
    return _complaint_about_stem(name)


def _complaint_about_stem(name: str) -> str | None:
    stem, _, suffix = name.rpartition(".")
    if "@" in stem and suffix not in TEMPLATE_TYPES:
        return f"invalid unit type for template: {quoted(suffix)}"
    if forbidden := _FORBIDDEN.search(stem):
        character = quoted(forbidden[0], quote="'")
        return f"invalid character {character} in unit name"
    if stem.startswith("@"):
        return 'unit name cannot start in "@"'
    return None


@dataclass(frozen=True, slots=True)
class NameInfo:
    """The parts of a name that specifiers stand for."""

    full: str  # %n
    stem: str  # %N
    prefix: str  # %p
    instance: str  # %i
    template: bool

    @classmethod
    def of(cls, name: str) -> "NameInfo":
        stem = name.rpartition(".")[0] or name
        prefix, at, instance = stem.partition("@")
        return cls(name, stem, prefix, instance, bool(at) and not instance)

    def expand(self, text: str) -> str:
        """Only the four specifiers that fleet knows, one after the other as fleet does it; none
        where the name is not that of a unit."""
        if "." not in self.full:
            return text
        values = {"%n": self.full, "%N": self.stem, "%p": self.prefix, "%i": self.instance}
        for specifier, value in values.items():
            text = text.replace(specifier, value)
        return text


def is_template(name: str) -> bool:
    return NameInfo.of(name).template
