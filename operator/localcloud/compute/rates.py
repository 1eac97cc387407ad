"""How many requests a caller may send in a minute; the count begins again at each whole minute."""

from localcloud.compute.errors import rate_limited
from localcloud.compute.state import State

DEFAULT = "DefaultGroup"
HEAVY = "HeavyWeightReadGroup"  # aggregated lists, and waiting
LIST = "ListGroup"
OPERATION_READ = "OperationReadGroup"
READ = "ReadGroup"
GROUPS = (DEFAULT, HEAVY, LIST, OPERATION_READ, READ)
REQUESTS_PER_MINUTE = 1500.0

_MINUTE_SECONDS = 60


def charge(state: State, group: str, now: float) -> None:
    """Count one more, or refuse it. What is refused does not count."""
    rates = state.rates
    minute = int(now // _MINUTE_SECONDS)
    if minute != rates.minute:
        rates.minute, rates.used = minute, {}
    used = rates.used.get(group, 0)
    if used >= state.faults.quotas.get(group, REQUESTS_PER_MINUTE):
        raise rate_limited(group)
    rates.used[group] = used + 1
