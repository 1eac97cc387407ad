"""What a command line turns into."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Process:
    """A process of no special behaviour."""

    ends_after_seconds: float | None = None  # None: it runs until it is stopped
    code: int = 0


@dataclass(frozen=True, slots=True)
class ElasticsearchProcess:
    """`settings` are flat: those of the command line over those of the configuration file."""

    settings: Mapping[str, str]
    version: str | None  # as the image's tag says it
    http_port: int | None  # of the machine; None: not published
    transport_port: int | None
    on_host_network: bool
    data_path: str | None = None  # on the machine; None: inside of the container, and gone with it


@dataclass(frozen=True, slots=True)
class Repeating:
    """A process that does the same thing for ever. `round` does it once, and tells after how many
    seconds it does it again; None: it has come to stay in the middle of it."""

    round: Callable[[], float | None]


Program = Process | ElasticsearchProcess | Repeating

FOREVER = Process()
