"""Heard: when each source last answered, and when the workers last began a pass."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from steersman.model.ports import Clock
from steersman.model.views import JSON

PASSES = "passes"


@dataclass(frozen=True, slots=True)
class _Part:
    """`at`: when it last answered. `why`: why it did not, the last time it was asked."""

    up: bool
    at: float | None
    why: str

    def trouble(self, now: float, silence_seconds: float) -> str:
        """Empty: none."""
        if not self.up:
            return f"does not answer: {self.why}" if self.why else "does not answer"
        silent = self.at is not None and now - self.at > silence_seconds
        return f"has said nothing for {silence_seconds:g} s" if silent else ""


class Heard:
    """Told by whoever reads a source. `silence_seconds` is for how long each may say nothing: one
    that hangs reports no error."""

    def __init__(self, clock: Clock, silence_seconds: Mapping[str, float]) -> None:
        self._clock, self._silence_seconds = clock, silence_seconds
        self._parts: dict[str, dict[str, _Part]] = {}

    def __call__(self, source: str, up: bool, part: str = "", why: str = "") -> None:
        parts = self._parts.setdefault(source, {})
        before = parts[part].at if part in parts else None
        parts[part] = _Part(up, self._clock.monotonic() if up else before, why)

    def check(self, source: str) -> JSON:
        """A source is as old, and as well, as the worst of its parts."""
        now, parts = self._clock.monotonic(), self._parts.get(source, {})
        ages = [now - each.at for each in parts.values() if each.at is not None]
        said = self._trouble(parts, now, self._silence_seconds.get(source, inf))
        age = max(ages, default=None)
        return {"name": source, "ok": not said, "ageSeconds": age, "message": said}

    def _trouble(self, parts: Mapping[str, _Part], now: float, silence_seconds: float) -> str:
        """Empty: none. What is true of all parts is said once."""
        if not parts:
            return "not heard of yet"
        found = {name: each.trouble(now, silence_seconds) for name, each in sorted(parts.items())}
        if len({*found.values()}) == 1:
            return next(iter(found.values()))
        return "; ".join(f"{name} {said}" for name, said in found.items() if said)
