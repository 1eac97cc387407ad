"""The voting configuration of the modern family: who must agree on a master."""

from collections.abc import Collection, Iterable, Sequence

VOTERS_KEPT_MIN = 3  # a configuration of so many is not made smaller because nodes are gone


def agreed(voting: Collection[str], votes: Collection[str]) -> bool:
    """Whether more than half of those who count are among the votes."""
    return bool(voting) and 2 * len(set(voting) & set(votes)) > len(voting)


def reconfigured(
    voting: Sequence[str], live: Iterable[str], excluded: Collection[str], master: str
) -> tuple[str, ...]:
    """An odd number of live nodes, those that vote already before others; dead ones stay only
    as far as the size must not shrink. Unchanged when the live ones could not carry it."""
    wanted = [one for one in _master_first(live, master) if one not in excluded]
    kept = [one for one in voting if one not in excluded]
    size_min = VOTERS_KEPT_MIN if len(kept) >= VOTERS_KEPT_MIN else 1
    size = max(len(wanted) - (len(wanted) + 1) % 2, size_min)
    ranked = sorted(wanted, key=lambda one: one not in kept)
    ranked += [one for one in kept if one not in wanted]
    chosen = tuple(ranked[:size])
    return chosen if agreed(chosen, wanted) else tuple(voting)


def _master_first(live: Iterable[str], master: str) -> list[str]:
    return sorted(live, key=lambda one: (one != master, one))
