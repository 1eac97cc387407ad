"""Names of units: which ones fleet can run, templates and their instances."""

import string

NAME_CHARACTERS_MAX = 256
NAME_CHARACTERS = frozenset(string.ascii_letters + string.digits + ":_.@\\-")
RUNNABLE = frozenset({"automount", "device", "mount", "path", "service", "socket", "timer"})
TEMPLATABLE = frozenset({"path", "service", "socket", "timer"})


def is_template(name: str) -> bool:
    return name.rpartition(".")[0].endswith("@")


def template_of(name: str) -> str | None:
    """x@.service of x@1.service; None: it belongs to no template."""
    prefix, at, rest = name.partition("@")
    _, dot, suffix = rest.rpartition(".")
    return f"{prefix}@.{suffix}" if at and dot else None


def instance_name(template: str, instance: str) -> str:
    """`elasticsearch@.service` and `1` make `elasticsearch@1.service`."""
    prefix, _, suffix = template.partition("@.")
    return f"{prefix}@{instance}.{suffix}"


def valid_unit_name(name: str) -> str | None:
    """Why fleet could not run a unit of this name, or None when it can."""
    stem, dot, suffix = name.rpartition(".")
    if not 1 <= len(name) <= NAME_CHARACTERS_MAX:
        return f"a unit name has 1 to {NAME_CHARACTERS_MAX} characters"
    if not dot or suffix not in RUNNABLE:
        return f"a unit name ends in one of {', '.join('.' + word for word in sorted(RUNNABLE))}"
    if not stem or stem.startswith("@"):
        return "a unit name has something before the dot and the @"
    if strange := set(stem) - NAME_CHARACTERS:
        return f"a unit name may not contain {sorted(strange)[0]!r}"
    if "@" in stem and suffix not in TEMPLATABLE:
        return f"a .{suffix} unit cannot be a template or an instance"
    return None
