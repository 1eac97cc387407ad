"""What a command line turns into."""

from collections.abc import Mapping
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


Program = Process | ElasticsearchProcess

FOREVER = Process()
