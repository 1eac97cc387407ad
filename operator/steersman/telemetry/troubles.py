"""What is tried again and again: its failing is logged once for each cause, and so is its end."""

import structlog

from steersman.model.errors import OutsideError

log = structlog.get_logger()


class Troubles:
    """Of several places, each told by the fields that it is logged with."""

    def __init__(self, failing: str, over: str) -> None:
        self._failing, self._over = failing, over
        self._causes: dict[tuple[tuple[str, str], ...], str] = {}

    def fails(self, error: Exception, **place: str) -> None:
        """Of the same cause, only the first is logged, whatever numbers its message holds."""
        at, cause = tuple(place.items()), _cause(error)
        if self._causes.get(at) != cause:
            log.warning(self._failing, **place, error=str(error))
        self._causes[at] = cause

    def works(self, **place: str) -> None:
        if self._causes.pop(tuple(place.items()), None) is not None:
            log.info(self._over, **place)


def _cause(error: Exception) -> str:
    return error.code if isinstance(error, OutsideError) else type(error).__name__
