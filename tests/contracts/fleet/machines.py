"""A fleet of three machines that a test asks and hurts: of the model, or real."""

from collections.abc import Mapping
from typing import Protocol

import pytest

NUMBERS = (1, 2, 3)
AGENT_TTL_SECONDS = 10
REAL_TIMEOUT_SECONDS = 600  # of one test: fleetd is built for the first of them
REAL = (pytest.mark.real_servers, pytest.mark.timeout(REAL_TIMEOUT_SECONDS))


def machine_id(number: int) -> str:
    return f"{number}" * 32


def metadata(number: int) -> Mapping[str, str]:
    return {"machine": f"m{number}", "odd": str(number % 2 == 1).lower()}


class Machines(Protocol):
    """`number` is that of a machine. Each has a systemd, which goes on while fleetd is down."""

    speed: float  # of their time, by ours

    @property
    def endpoints(self) -> str:
        """Of all fleetds, as the client takes them."""
        ...

    def processes(self, unit: str) -> Mapping[int, str]:
        """What runs, whatever fleet says: by machine, a word that is another after a restart."""
        ...

    def crash_unit(self, unit: str) -> None:
        """SIGKILL for its main process, wherever it runs."""
        ...

    def write_target_state(self, unit: str, word: str) -> None:
        """Into etcd, past the API."""
        ...

    def boot(self, number: int) -> None: ...

    def crash(self, number: int) -> None:
        """It loses power."""
        ...

    def stop_fleetd(self, number: int) -> None:
        """SIGTERM, and nobody starts it again before `mend`."""
        ...

    def kill_fleetd(self, number: int) -> None:
        """SIGKILL: systemd starts it again."""
        ...

    def part(self, number: int) -> None:
        """Its fleetd reaches etcd no more, and the other way, until `mend`."""
        ...

    def freeze_etcd(self) -> None:
        """It answers nobody, until `mend`."""
        ...

    def mend(self) -> None:
        """Everything runs that was started, and everybody reaches etcd."""
        ...

    def close(self) -> None: ...
