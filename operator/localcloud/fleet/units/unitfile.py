"""Unit files as go-systemd reads and writes them: fleet's hash depends on every byte."""

import hashlib
import re
from collections.abc import Iterable, Iterator

from localcloud.fleet.gotext import BLANKS
from localcloud.seams import Option

LINE_BYTES_MAX = 2048  # its newline included

_LONG_LINE = re.compile(rb"[^\r\n]{%d}" % LINE_BYTES_MAX)
_BEFORE_A_SECTION = re.compile(r"[^\[#;]*")
_BETWEEN_OPTIONS = re.compile(f"[{BLANKS}]*")
_NAME = re.compile(r"([^=\r\n]*)=")
_NEWLINE = re.compile(r"[\r\n]")


class UnitFileError(ValueError):
    """The text is no unit file; the message is the one that go-systemd gives."""


def serialise(options: Iterable[Option]) -> str:
    """Sections in order of first appearance, their options together in the given order."""
    sections: dict[str, list[Option]] = {}
    for option in options:
        sections.setdefault(option.section, []).append(option)
    return "\n".join(_section(name, group) for name, group in sections.items())


def _section(name: str, options: list[Option]) -> str:
    return f"[{name}]\n" + "".join(f"{option.name}={option.value}\n" for option in options)


def text_hash(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def unit_hash(options: Iterable[Option]) -> str:
    return text_hash(serialise(options))


def parse(text: str) -> tuple[Option, ...]:
    """Comments are dropped and values trimmed; a continued value keeps its backslashes."""
    if _LONG_LINE.search(text.encode(errors="replace")):
        message = f"line too long (max {LINE_BYTES_MAX} bytes)"
        raise UnitFileError(message)
    return tuple(_Lexer(text).options())


class _Lexer:
    """One pass over the text, character by character as go-systemd makes it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def options(self) -> Iterator[Option]:
        """Whatever precedes the first section is skipped, though not a comment in it."""
        section, between = "", _BEFORE_A_SECTION
        while char := self._skip(between):
            if char in "#;":
                self._comment()
            elif char == "[":
                section, between = self._section(), _BETWEEN_OPTIONS
            else:
                yield Option(section, self._name(), self._value())

    def _skip(self, what: re.Pattern[str]) -> str:
        """The next character after it; none at the end of the text."""
        found = what.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._text[self._at : self._at + 1]

    def _line(self) -> tuple[str, bool]:
        """The rest of the line, and whether the text goes on. A carriage return before the newline
        stays where it is."""
        line, newline, _ = self._text[self._at :].partition("\n")
        self._at += len(line) + len(newline)
        return (line, True) if newline else (line.removesuffix("\r"), False)

    def _comment(self) -> None:
        """It goes on after a backslash, as a value does."""
        while self._line()[0].removesuffix(" ").endswith("\\"):
            pass

    def _section(self) -> str:
        end = self._text.find("]", self._at)
        if end < 0:
            raise UnitFileError("unable to find end of section")
        name = self._text[self._at + 1 : end]
        self._at = end + 1
        garbage = self._line()[0].strip(BLANKS)
        if garbage:  # go-systemd prints no name, and bytes as numbers
            numbers = " ".join(str(byte) for byte in garbage.encode())
            message = f"found garbage after section name : [{numbers}]"
            raise UnitFileError(message)
        return name

    def _name(self) -> str:
        found = _NAME.match(self._text, self._at)
        if found is None:
            newline = "unexpected newline encountered while parsing option name"
            raise UnitFileError(newline if _NEWLINE.search(self._text, self._at) else "EOF")
        self._at = found.end()
        return found[1].strip(BLANKS)

    def _value(self) -> str:
        """A value goes on after a backslash, up to an empty line or the end of the text; one that
        an empty line ends keeps the newline before it."""
        value, goes_on = "", True
        while goes_on:
            line, more = self._line()
            goes_on = line.endswith("\\")
            if line.strip(BLANKS):
                value += line + ("\n" if goes_on and more else "")
        trimmed = value.strip(BLANKS)
        return f"{trimmed}\n" if value.endswith("\n") else trimmed
