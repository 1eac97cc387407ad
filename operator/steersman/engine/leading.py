"""Leading: whether somebody leads, as far as one daemon has seen, and if not, why not that one."""

from dataclasses import dataclass

from steersman.model.ports import Item
from steersman.model.views import JSON

CHECK = "leader"


@dataclass(frozen=True, slots=True)
class Leading:
    """`seen_at`, on the monotonic clock: when somebody was last seen to lead. `ours`: it is this
    daemon, and its term has begun. `why`: what keeps it from leading; while it leads, from
    writing."""

    seen_at: float | None = None
    ours: bool = False
    why: str = ""

    def check(self, now: float, lease_seconds: float) -> JSON:
        """As /readyz tells it. A lease that is over may be taken within the time of another."""
        age = None if self.seen_at is None else now - self.seen_at
        said = self._trouble(vacant=age is None or age > lease_seconds)
        return {"name": CHECK, "ok": not said, "ageSeconds": age, "message": said}

    def _trouble(self, *, vacant: bool) -> str:
        """Empty: none."""
        if vacant:
            nobody = "no daemon is seen to lead"
            return f"{nobody}: {self.why}" if self.why else nobody
        return f"this daemon leads and cannot write: {self.why}" if self.ours and self.why else ""


def endless(held: Item) -> str:
    """Why whoever holds the key does not lead; empty: it does. Only a person writes it without a
    lease, and only a person knows what for: it is not ours to remove."""
    if held.expires_at is not None:
        return ""
    return f"{held.key} has no lease, so it never ends: etcdctl del {held.key}"
