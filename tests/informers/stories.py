"""What tests of informers share: a manual clock, and what was published."""

from datetime import UTC, datetime, timedelta
from typing import Any, Generic, NoReturn, TypeVar

from steersman.model.observed import Snapshot

S = TypeVar("S", bound=Snapshot)

START = datetime(2014, 9, 1, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class HandClock:
    """The port Clock, moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.offset_seconds = 0.0  # of the wall clock, when somebody sets it

    def now(self) -> datetime:
        return at(self.seconds + self.offset_seconds)

    def monotonic(self) -> float:
        return self.seconds


class Board(Generic[S]):
    """Where an informer publishes."""

    def __init__(self) -> None:
        self.snapshots: list[S] = []

    def __call__(self, snapshot: S) -> None:
        self.snapshots.append(snapshot)

    @property
    def last(self) -> S:
        return self.snapshots[-1]


class Ears:
    """Told whether a source answers."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bool]] = []

    def __call__(self, source: str, up: bool, part: str = "", why: str = "") -> None:
        self.heard.append((source, up))


def unused(*_: Any) -> NoReturn:
    raise AssertionError("an informer only reads")
