"""Which machines reach etcd: it may stand still, and a machine may be cut off from it."""

from collections.abc import Mapping
from typing import Any


class Outages:
    def __init__(self) -> None:
        self.frozen_since: float | None = None
        self.frozen_until = 0.0
        self._cut_until: dict[str, float] = {}  # by machine id

    @property
    def frozen(self) -> bool:
        return self.frozen_since is not None

    def freeze(self, now: float, until: float) -> None:
        """A freeze that lasts is prolonged, never cut short."""
        self.frozen_since = now if self.frozen_since is None else self.frozen_since
        self.frozen_until = max(self.frozen_until, until)

    def thaw(self, now: float) -> float:
        """How many seconds etcd stood still."""
        since, self.frozen_since = self.frozen_since, None
        return 0.0 if since is None else now - since

    def cut(self, machine_id: str, until: float) -> None:
        self._cut_until[machine_id] = until

    def mend(self) -> None:
        self._cut_until.clear()

    def cut_off(self, now: float) -> Mapping[str, float]:
        """Until when, by machine id."""
        return {id_: until for id_, until in self._cut_until.items() if until > now}

    def reaches(self, machine_id: str, now: float) -> bool:
        return not self.frozen and self._cut_until.get(machine_id, now) <= now

    def dump(self) -> dict[str, Any]:
        return {
            "frozen_since": self.frozen_since,
            "frozen_until": self.frozen_until,
            "cut_until": self._cut_until,
        }

    @classmethod
    def restored(cls, state: Mapping[str, Any], shift_seconds: float) -> "Outages":
        outages = cls()
        if state["frozen_since"] is not None:
            outages.freeze(
                state["frozen_since"] + shift_seconds, state["frozen_until"] + shift_seconds
            )
        for machine_id, until in state["cut_until"].items():
            outages.cut(machine_id, until + shift_seconds)
        return outages
