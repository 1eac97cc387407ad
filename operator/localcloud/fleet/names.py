"""Names of units: what fleet accepts, and what a name tells."""

import re
from dataclasses import dataclass

NAME_BYTES_MAX = 256
TEMPLATE_TYPES = frozenset({"path", "service", "socket", "target", "timer"})
# Agents write the file of any other type and then ignore it: it never has a state.
RECOGNISED_TYPES = frozenset({"automount", "device", "mount", "path", "service", "socket", "timer"})
UNIT_TYPES = TEMPLATE_TYPES | RECOGNISED_TYPES | {"busname", "scope", "slice", "snapshot", "swap"}
_FORBIDDEN = re.compile(r"[^0-9A-Za-z:_.@\\-]")
_SPECIFIER = re.compile(r"%[nNpi]")


class InvalidNameError(ValueError):
    """The API refuses the name; the message is fleet's own."""


def unit_type(name: str) -> str:
    return name.rpartition(".")[2]


def validate_name(name: str) -> None:
    if (message := _complaint(name)) is not None:
        raise InvalidNameError(message)


def _complaint(name: str) -> str | None:
    """The first rule that the name breaks, in fleet's order and words."""
    stem, dot, suffix = name.rpartition(".")
    if not name:
        return "unit name cannot be empty"
    if len(name.encode()) > NAME_BYTES_MAX:
        return f"unit name exceeds maximum length ({NAME_BYTES_MAX})"
    if not dot:
        return 'unit name must contain "."'
    if not suffix:
        return 'unit name cannot end in "."'
    if suffix not in UNIT_TYPES:
        return f'invalid unit type: "{suffix}"'
    return _complaint_about_stem(stem, suffix)


def _complaint_about_stem(stem: str, suffix: str) -> str | None:
    if forbidden := _FORBIDDEN.search(stem):
        return f"invalid character '{forbidden[0]}' in unit name"
    if stem.startswith("@"):
        return 'unit name cannot start in "@"'
    if "@" in stem and suffix not in TEMPLATE_TYPES:
        return f'invalid unit type for template: "{suffix}"'
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
        """Only the four specifiers that fleet knows; anything else stays as it is."""
        values = {"%n": self.full, "%N": self.stem, "%p": self.prefix, "%i": self.instance}
        return _SPECIFIER.sub(lambda found: values[found[0]], text)


def is_template(name: str) -> bool:
    return NameInfo.of(name).template
