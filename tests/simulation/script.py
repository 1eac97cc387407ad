"""A script: everything that happens in a simulated story from outside, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Happening:
    """`at` seconds after the beginning. What is not needed by `what` is left empty; a happening
    with `seconds` ends by itself, so that each can be left out without the others."""

    at: float
    what: str
    name: str = ""
    daemon: str = ""
    system: str = ""
    seconds: float = 0
    count: int = 0
    flag: bool = False
    text: str = ""

    def __str__(self) -> str:
        told = (each.name for each in fields(self) if each.name not in ("at", "what", "text"))
        given = (f"{name}={getattr(self, name)}" for name in told if getattr(self, name))
        return " ".join([str(timedelta(seconds=round(self.at))), self.what, *given])


@dataclass(frozen=True, slots=True)
class Script:
    """`documents` are put at the beginning: path -> text."""

    seed: int
    seconds: float
    daemons: int
    documents: Mapping[str, str]
    happenings: tuple[Happening, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"daemon{number}" for number in range(1, self.daemons + 1))
