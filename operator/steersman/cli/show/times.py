"""Times as people read them: how long ago, and at what o'clock here."""

from datetime import datetime, timedelta

_UNITS = (("d", 86_400), ("h", 3600), ("m", 60))
UNTOLD = "-"


def age(at: str | None, now: datetime) -> str:
    """3d, 4h, 12m, 41s."""
    return span((now - datetime.fromisoformat(at)).total_seconds()) if at else UNTOLD


def span(seconds: float) -> str:
    whole = max(0, int(seconds))
    name, size = next((unit for unit in _UNITS if whole >= unit[1]), ("s", 1))
    return f"{whole // size}{name}"


def clock(at: str | None, now: datetime) -> str:
    """The local time, with the date when it is not of these hours."""
    if not at:
        return UNTOLD
    then = datetime.fromisoformat(at)
    near = abs(now - then) < timedelta(hours=12)
    return then.astimezone().strftime("%H:%M:%S" if near else "%Y-%m-%d %H:%M:%S")
