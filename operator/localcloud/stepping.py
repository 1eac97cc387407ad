"""A clock that visits each planned moment in turn, however late we look."""

from localcloud.clock import Clock


class SteppedClock:
    """Shows the source's time, but while moments are replayed that of the moment."""

    def __init__(self, source: Clock) -> None:
        self._source = source
        self._moment: float | None = None

    def now(self) -> float:
        return self._source.now() if self._moment is None else self._moment

    def stop_at(self, moment: float) -> None:
        """Time never goes back while it is stopped."""
        self._moment = moment if self._moment is None else max(moment, self._moment)

    def release(self) -> None:
        self._moment = None
