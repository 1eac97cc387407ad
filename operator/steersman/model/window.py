"""Windows: when what runs may be taken away. Cron and zone say when one opens."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim


@dataclass(frozen=True, slots=True)
class Window:
    """Opens whenever `cron` says so in the local time of `zone`, each time for `minutes`."""

    cron: str
    zone: ZoneInfo
    minutes: int

    def is_open(self, now: datetime) -> bool:
        opened = self._occurrence(now + timedelta(microseconds=1), reverse=True)
        return opened is not None and now < opened + timedelta(minutes=self.minutes)

    def opens(self, now: datetime) -> datetime | None:
        """The next time after `now`. None: never again."""
        return self._occurrence(now, reverse=False)

    def _occurrence(self, around: datetime, *, reverse: bool) -> datetime | None:
        occurrences = CronSim(self.cron, around.astimezone(self.zone), reverse=reverse)
        found = next(occurrences, None)
        return found.astimezone(UTC) if found else None
