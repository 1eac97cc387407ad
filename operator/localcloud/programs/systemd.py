"""The [Service] section as systemd reads it: specifiers, environment and command lines."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from localcloud.seams import Option

_VARIABLE = re.compile(r"\$\$|\$\{([A-Za-z_]\w*)\}")
_LONE_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)")
_SPECIFIER = re.compile(r"%([%nNpi])")
_ESCAPES = {"n": "\n", "t": "\t", "s": " ", "\\": "\\", '"': '"', "'": "'"}
_PREFIXES = "-@+!:"  # of these only `-` changes what we do


class BadUnitError(Exception):
    """systemd refuses to start the unit at all."""


@dataclass(frozen=True, slots=True)
class Command:
    argv: tuple[str, ...]
    may_fail: bool  # its line begins with `-`


@dataclass(frozen=True, slots=True)
class Service:
    type: str  # simple, oneshot, ...
    before: tuple[Command, ...]
    main: tuple[Command, ...]
    after: tuple[Command, ...]  # of a stop
    environment: Mapping[str, str]


def service(unit: str, options: Sequence[Option], files: Mapping[str, str]) -> Service:
    """`files` is the disk of the machine, for EnvironmentFile=."""
    lines = [
        (o.name, _specified(unit, _joined(o.value))) for o in options if o.section == "Service"
    ]
    environment = _environment(lines, files)
    return Service(
        type=_last(lines, "Type", default="simple"),
        before=_commands(lines, "ExecStartPre", environment),
        main=_commands(lines, "ExecStart", environment),
        after=_commands(lines, "ExecStop", environment),
        environment=environment,
    )


def specifiers(unit: str) -> dict[str, str]:
    stem = unit.rpartition(".")[0]
    prefix, _, instance = stem.partition("@")
    return {"n": unit, "N": stem, "p": prefix, "i": instance, "%": "%"}


def split_words(line: str) -> list[str]:
    """As systemd splits a command line: escapes count inside single quotes too, and an escape
    that it does not know stays as it is written (`\\/` in a sed expression)."""
    words: list[str] = []
    word: str | None = None
    quote = ""
    position = 0
    while position < len(line):
        char = line[position]
        if char == "\\" and position + 1 < len(line):
            position += 1
            escaped = line[position]
            word = (word or "") + _ESCAPES.get(escaped, "\\" + escaped)
        elif quote:
            quote = "" if char == quote else quote
            word = (word or "") + (char if quote else "")
        elif char in "'\"":
            quote, word = char, word or ""
        elif not char.isspace():
            word = (word or "") + char
        elif word is not None:
            words.append(word)
            word = None
        position += 1
    if quote:
        msg = f"unbalanced quoting: {line}"
        raise BadUnitError(msg)
    return words if word is None else [*words, word]


def _joined(value: str) -> str:
    """A backslash at the end of a line continues it, and counts as a blank."""
    return value.replace("\\\n", " ")


def _specified(unit: str, value: str) -> str:
    known = specifiers(unit)
    return _SPECIFIER.sub(lambda match: known[match[1]], value)


def _last(lines: Sequence[tuple[str, str]], name: str, default: str) -> str:
    return next((value for key, value in reversed(lines) if key == name), default)


def _environment(lines: Sequence[tuple[str, str]], files: Mapping[str, str]) -> dict[str, str]:
    """Files win over Environment= lines, wherever they stand."""
    inline = [word for name, value in lines if name == "Environment" for word in split_words(value)]
    paths = [value for name, value in lines if name == "EnvironmentFile"]
    return dict(_pairs(inline)) | {
        key: value for path in paths for key, value in _pairs(_environment_file(path, files))
    }


def _environment_file(path: str, files: Mapping[str, str]) -> list[str]:
    name = path.removeprefix("-")
    if name not in files and name == path:
        msg = f"no environment file {name}"
        raise BadUnitError(msg)
    try:
        return shlex.split(files.get(name, ""), comments=True)
    except ValueError as error:
        msg = f"{name}: {error}"
        raise BadUnitError(msg) from error


def _pairs(assignments: Sequence[str]) -> Iterator[tuple[str, str]]:
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if equals:
            yield name, value


def _commands(
    lines: Sequence[tuple[str, str]], name: str, environment: Mapping[str, str]
) -> tuple[Command, ...]:
    commands: list[Command] = []
    for key, value in lines:
        if key != name:
            continue
        if not value:  # an empty assignment forgets the lines before it
            commands.clear()
            continue
        line = value.lstrip(_PREFIXES)
        prefix = value[: len(value) - len(line)]
        argv = tuple(_expanded(split_words(line), environment))
        commands.append(Command(argv, may_fail="-" in prefix))
    return tuple(commands)


def _expanded(words: Sequence[str], environment: Mapping[str, str]) -> Iterator[str]:
    """`${NAME}` anywhere is one word's text; `$NAME` counts only alone, and may be many words."""
    for word in words:
        alone = _LONE_VARIABLE.fullmatch(word)
        if alone:
            yield from environment.get(alone[1], "").split()
        else:
            yield _VARIABLE.sub(
                lambda match: environment.get(match[1], "") if match[1] else "$", word
            )
