"""The front of the API: what it does to any request, whatever the request asks."""

from localcloud.compute import rates
from localcloud.compute.errors import rate_limited, unavailable
from localcloud.compute.parts.kernel import Kernel


class Door:
    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def admit(self, zone: str = "") -> None:
        """Refuse the request while a fault says so."""
        now, faults = self._kernel.now(), self._kernel.state.faults
        if now < faults.unavailable_until or self.unreachable(zone):
            raise unavailable()
        if now < faults.rate_limited_until:
            raise rate_limited(rates.DEFAULT)

    def charge(self, group: str) -> None:
        """Count the request, or refuse it as one too many of this minute."""
        rates.charge(self._kernel.state, group, self._kernel.now())

    def unreachable(self, zone: str) -> bool:
        return self._kernel.now() < self._kernel.state.faults.unreachable.get(zone, 0)

    def late_seconds(self) -> float:
        """How long answers wait before they leave."""
        faults = self._kernel.state.faults
        return faults.late_seconds if self._kernel.now() < faults.late_until else 0.0

    def loses_reply(self) -> bool:
        """Asked once after each write that was carried out."""
        faults = self._kernel.state.faults
        losing = faults.replies_to_lose > 0
        faults.replies_to_lose -= losing
        return losing
