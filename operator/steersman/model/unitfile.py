"""Unit files as fleet reads, stores and hashes them.

fleet parses a unit file into options and works only with those. The hash that tells whether two
units are the same is that of the options written out again, so what is parsed here has to be
what fleet parses, to the byte.
"""

import hashlib
import string
from collections.abc import Iterable

from steersman.model.errors import SteersmanError
from steersman.model.observed import UnitOption

LINE_BYTES_MAX = 2047  # without the newline; fleet refuses a longer line
NAME_CHARACTERS_MAX = 256
NAME_CHARACTERS = frozenset(string.ascii_letters + string.digits + ":_.@\\-")
RUNNABLE = frozenset({"automount", "device", "mount", "path", "service", "socket", "timer"})
TEMPLATABLE = frozenset({"path", "service", "socket", "timer"})


class UnitFileError(SteersmanError):
    """A unit file that fleet would refuse, or would read differently than it looks."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line
        self.message = message


def parse(text: str) -> tuple[UnitOption, ...]:
    """The options of a unit file, in the order in which fleet hands them out."""
    return group(_Parser(text).options())


def group(options: Iterable[UnitOption]) -> tuple[UnitOption, ...]:
    """Options of one section side by side, sections in the order of their first option."""
    return tuple(option for section in _sections(options).values() for option in section)


def render(options: Iterable[UnitOption]) -> str:
    """The text that fleet writes to the machine's disk and hashes."""
    blocks = (
        f"[{name}]\n" + "".join(f"{option.name}={option.value}\n" for option in section)
        for name, section in _sections(options).items()
    )
    return "\n".join(blocks)


def fleet_hash(options: Iterable[UnitOption]) -> str:
    """What fleet reports as a unit's hash. The order of sections and options counts."""
    # SHA-1 is fleet's choice and names content; it guards nothing
    return hashlib.sha1(render(options).encode(), usedforsecurity=False).hexdigest()


def survives(options: Iterable[UnitOption]) -> bool:
    """Whether fleet reads these options back as they are.

    It writes values to the unit file raw: a stray newline in one adds options, and outer blanks
    disappear, so that the same write looks like a change for ever.
    """
    sent = group(options)
    try:
        return parse(render(sent)) == sent
    except UnitFileError:
        return False


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


def _sections(options: Iterable[UnitOption]) -> dict[str, list[UnitOption]]:
    sections: dict[str, list[UnitOption]] = {}
    for option in options:
        sections.setdefault(option.section, []).append(option)
    return sections


class _Parser:
    """One pass over the lines of a unit file; `at` is the index of the next one."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.at = 0

    def options(self) -> Iterable[UnitOption]:
        section: str | None = None
        while self.at < len(self.lines):
            line = self._next().lstrip()
            if line.startswith(("#", ";")):
                self._skip_comment(line)
            elif line.startswith("["):
                section = self._section(line)
            elif line:
                yield self._option(section, line)

    def _next(self) -> str:
        line = self.lines[self.at]
        self.at += 1
        if len(line.encode()) > LINE_BYTES_MAX:
            message = f"longer than {LINE_BYTES_MAX} bytes: fleet refuses it"
            raise self._error(message)
        return line

    def _error(self, message: str) -> UnitFileError:
        return UnitFileError(self.at, message)  # the line last read, counted from 1

    def _skip_comment(self, line: str) -> None:
        while line.removesuffix(" ").endswith("\\") and self.at < len(self.lines):
            line = self._next()  # a backslash continues a comment, too

    def _section(self, line: str) -> str:
        name, bracket, rest = line[1:].partition("]")
        if not name or not bracket or rest.strip():
            raise self._error("a section header is `[Name]`, alone on its line")
        return name

    def _option(self, section: str | None, line: str) -> UnitOption:
        name, equals, first = line.partition("=")
        if not equals or not name.strip():
            raise self._error(
                "expected `Name=value`; a value goes on only after a line that ends in a backslash"
            )
        if section is None:
            raise self._error("an assignment before the first section: fleet ignores it")
        return UnitOption(section, name.strip(), self._value(first))

    def _value(self, line: str) -> str:
        """The rest of an option, with the backslashes and newlines of its continued lines."""
        parts = [line]
        while parts[-1].endswith("\\") and self.at < len(self.lines):
            parts.append(self._next())
        value = "\n".join(parts).strip()
        if value.endswith("\\"):
            raise self._error("a value ends in a backslash: it would swallow what follows it")
        return value
