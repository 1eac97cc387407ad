"""The command lines of a unit, as far as the rules understand them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from steersman.model.unitfile.text import Placed

Words = tuple[str, ...]

PREFIXES = "@-:+!"  # what systemd takes before the path of a program
SEPARATORS = ";|&"
_TOKEN = re.compile(r"[;|&]+|>|[^\s;|&>'\"()]+")
# Options of `docker run` that take no value; all others do.
_SWITCHES = re.compile(
    r"-d|--detach|-i|--interactive|-t|--tty|-P|--publish-all|--rm|--privileged|--init|--read-only"
    r"|--no-healthcheck|--oom-kill-disable|--sig-proxy|--disable-content-trust"
    r"|-[ditP]{2,}"  # several in one
)


@dataclass(frozen=True, slots=True)
class Container:
    """What `docker run` starts. `options` are all that were given, with their values."""

    image: str
    options: tuple[tuple[str, str], ...]

    def values(self, *names: str) -> tuple[str, ...]:
        return tuple(value for name, value in self.options if name in names)


@dataclass(frozen=True)
class Command:
    placed: Placed

    @property
    def name(self) -> str:
        """ExecStart and the like."""
        return self.placed.option.name

    @cached_property
    def text(self) -> str:
        """On one line, as systemd makes it."""
        return self.placed.option.value.replace("\\\n", " ").lstrip(PREFIXES)

    @property
    def may_fail(self) -> bool:
        path = self.placed.option.value
        return "-" in path[: len(path) - len(path.lstrip(PREFIXES))]

    def line_of(self, word: str) -> int:
        """Where a word stands; a continued command has several lines."""
        before, found, _ = self.placed.option.value.partition(word)
        return self.placed.line + (before.count("\n") if found else 0)

    @cached_property
    def calls(self) -> tuple[Words, ...]:
        """The words of each program that it runs. Quotes are looked into: a shell's script counts,
        and so do its own words before the program."""
        tokens = _TOKEN.findall(self.text)
        groups = groupby(tokens, key=lambda token: token[0] in SEPARATORS)
        return tuple(tuple(words) for separates, words in groups if not separates)

    def docker(self, verb: str) -> Iterator[Words]:
        """What follows `docker VERB`."""
        return (rest for call in self.calls if (rest := after(call, "docker", verb)) is not None)

    @property
    def containers(self) -> Iterator[Container]:
        for words in self.docker("run"):
            if (container := _container(words)) is not None:
                yield container


def arguments(call: Words, program: str) -> Words | None:
    """What follows a program; None: another one is called."""
    names = [word.rpartition("/")[2] for word in call]
    return call[names.index(program) + 1 :] if program in names else None


def after(call: Words, program: str, *verbs: str) -> Words | None:
    """What follows a program and one of its verbs; None: that is not what is called."""
    words = arguments(call, program) or ()
    found = next((at for at, word in enumerate(words) if word in verbs), None)
    return None if found is None else words[found + 1 :]


def _container(words: Words) -> Container | None:
    options: list[tuple[str, str]] = []
    rest = iter(words)
    for word in rest:
        if not word.startswith("-"):
            return Container(word, tuple(options))
        name, equals, value = word.partition("=")
        takes_next = not equals and not _SWITCHES.fullmatch(name)
        options.append((name, next(rest, "") if takes_next else value))
    return None
