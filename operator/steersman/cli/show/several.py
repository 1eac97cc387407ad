"""Many names in one line: the first few, and how many more there are."""

from collections.abc import Sequence

NAMED_MAX = 5


def several(names: Sequence[str], most: int = NAMED_MAX) -> str:
    """core1, core2 and 6 more; empty for no name."""
    more = len(names) - most
    told = ", ".join(names[:most])
    return f"{told} and {more} more" if more > 0 else told
