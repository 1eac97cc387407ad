"""Notices: what holds more than one resource, for people to know of before they wonder."""

from dataclasses import dataclass
from datetime import datetime

PAUSE, HOLD, CIRCUIT, UNREADY = "pause", "hold", "circuit", "unready"


@dataclass(frozen=True, slots=True)
class Notice:
    """`name` is what to resume, or to acknowledge; of a circuit, where calls fail; of what is
    unready, the check of the daemon that fails."""

    kind: str
    name: str
    message: str
    until: datetime | None = None
