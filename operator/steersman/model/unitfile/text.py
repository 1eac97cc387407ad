"""The text of a unit file: what fleet reads in it, writes of it, and hashes.

fleet parses a unit file into options, works only with those, and parses again what it wrote of
them. The hash that tells whether two units are the same is that of the options written out, so
what is parsed here has to be what fleet parses, to the byte.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from steersman.model.errors import SteersmanError
from steersman.model.observed import UnitOption

LINE_BYTES_MAX = 2047  # without the newline; fleet refuses a longer line

# What fleet, a Go program, takes for a blank; Python knows a few more.
_BLANKS = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_BLANK = re.compile(f"[{_BLANKS}]*")
_BEFORE_SECTIONS = re.compile(r"[^\[#;]*")
_ASSIGNED = re.compile(r"([^=\r\n]*)=")


class UnitFileError(SteersmanError):
    """A unit file that fleet would refuse."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line
        self.message = message


@dataclass(frozen=True, slots=True)
class Placed:
    """An option, and the line where it begins, counted from 1."""

    option: UnitOption
    line: int


def parse(text: str) -> tuple[UnitOption, ...]:
    """The options that fleet keeps of a unit file, in the order in which it hands them out: those
    that it reads in what it has itself written."""
    return _read_back(each.option for each in placed(text))


def placed(text: str) -> tuple[Placed, ...]:
    """The options of a unit file as they stand there."""
    _refuse_long_lines(text)
    return tuple(_Reader(text).options())


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
        return _read_back(sent) == sent
    except UnitFileError:
        return False


def _read_back(options: Iterable[UnitOption]) -> tuple[UnitOption, ...]:
    return group(each.option for each in placed(render(options)))


def _sections(options: Iterable[UnitOption]) -> dict[str, list[UnitOption]]:
    sections: dict[str, list[UnitOption]] = {}
    for option in options:
        sections.setdefault(option.section, []).append(option)
    return sections


def _refuse_long_lines(text: str) -> None:
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            longest = max(map(len, line.encode().split(b"\r")))
        except UnicodeEncodeError as error:
            raise UnitFileError(number, "half a character: not UTF-8") from error
        if longest > LINE_BYTES_MAX:
            raise UnitFileError(number, f"longer than {LINE_BYTES_MAX} bytes: fleet refuses it")


class _Reader:
    """One pass over the text; `at` is the index of the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self._line_number, self._counted_to = 1, 0

    def options(self) -> Iterator[Placed]:
        """fleet takes no notice of what stands before the first section."""
        section, between = "", _BEFORE_SECTIONS
        while self._skip(between):
            match self.text[self.at]:
                case "#" | ";":
                    self._skip_comment()
                case "[":
                    section, between = self._section(), _BLANK
                case _:
                    line = self._here()
                    yield Placed(self._option(section), line)

    def _skip(self, what: re.Pattern[str]) -> bool:
        """Whether there is something behind it."""
        if found := what.match(self.text, self.at):
            self.at = found.end()
        return self.at < len(self.text)

    def _here(self) -> int:
        """The number of the line."""
        self._line_number += self.text.count("\n", self._counted_to, self.at)
        self._counted_to = self.at
        return self._line_number

    def _error(self, message: str) -> UnitFileError:
        return UnitFileError(self._here(), message)

    def _line(self) -> tuple[str, bool]:
        """The rest of the line, and whether a newline ends it."""
        end = self.text.find("\n", self.at)
        line = self.text[self.at : end if end >= 0 else None]
        self.at += len(line) + (end >= 0)
        return (line, True) if end >= 0 else (line.removesuffix("\r"), False)

    def _skip_comment(self) -> None:
        going_on = True
        while going_on:  # a backslash continues a comment, too
            line, _ = self._line()
            going_on = line.removesuffix(" ").endswith("\\")

    def _section(self) -> str:
        end = self.text.find("]", self.at)
        if end < 0:
            raise self._error("a section header is `[Name]`: this one has no end")
        name = self.text[self.at + 1 : end]
        newline = self.text.find("\n", end)
        behind = self.text[end + 1 : newline if newline >= 0 else None]
        if behind.strip(_BLANKS):
            raise self._error("a section header is `[Name]`, alone on its line")
        self.at = end + 1 + len(behind)
        return name

    def _option(self, section: str) -> UnitOption:
        found = _ASSIGNED.match(self.text, self.at)
        if found is None:
            raise self._error(
                "expected `Name=value`; a value goes on only after a line that ends in a backslash"
            )
        self.at = found.end()
        return UnitOption(section, found[1].strip(_BLANKS), self._value())

    def _value(self) -> str:
        """The rest of an option, with the backslashes and newlines of its continued lines."""
        value, going_on = "", True
        while going_on:
            line, newline = self._line()
            going_on = line.endswith("\\")
            if line.strip(_BLANKS):
                value += line + ("\n" if going_on and newline else "")
        trimmed = value.strip(_BLANKS)
        # one that goes on into an empty line keeps that newline, and stops there
        return f"{trimmed}\n" if value.endswith("\n") else trimmed
