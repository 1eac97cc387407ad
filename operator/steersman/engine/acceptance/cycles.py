"""Cycles among documents that wait for one another: who may be on one, and the way round. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from steersman.model.resource import Key

Ways = Callable[[Key], Iterable[Key]]  # whom a key waits for


def entangled(keys: Iterable[Key], ways: Ways) -> set[Key]:
    """These, and whoever lies on a way from one of them to one of them: who is on a cycle with
    one of these is among them, and so is everybody who is on a cycle with him."""
    starts = set(keys)
    back: dict[Key, list[Key]] = defaultdict(list)
    for each in reached(starts, ways):
        for other in ways(each):
            back[other].append(each)
    return reached(starts, lambda key: back.get(key, ()))


def reached(keys: Iterable[Key], ways: Ways) -> set[Key]:
    """These, and whom they wait for, directly or through others."""
    seen = set(keys)
    ahead = list(seen)
    while ahead:
        new = set(ways(ahead.pop())) - seen
        seen |= new
        ahead += new
    return seen


def knotted(keys: Iterable[Key], ways: Ways) -> set[Key]:
    """Those of these that may be on a cycle of them: whoever waits for nobody else is not, and so
    on. To look for the way round of each would take too long where many wait for many."""
    left = set(keys)
    waits = {key: left.intersection(ways(key)) for key in left}
    waiting: dict[Key, list[Key]] = defaultdict(list)
    for key, others in waits.items():
        for other in others:
            waiting[other].append(key)
    free = [key for key, others in waits.items() if not others]
    while free:
        gone = free.pop()
        left.remove(gone)
        for key in waiting[gone]:
            waits[key].remove(gone)
            if not waits[key]:
                free.append(key)
    return left


def trail(starts: Iterable[Key], goal: Key, ways: Ways) -> tuple[Key, ...]:
    """A way from one of these to the goal, both ends included; empty when there is none."""
    seen: set[Key] = set()
    ahead: list[tuple[Key, ...]] = [(each,) for each in starts]
    while ahead:
        way = ahead.pop()
        if way[-1] == goal:
            return way
        if way[-1] not in seen:
            seen.add(way[-1])
            ahead += [(*way, each) for each in ways(way[-1])]
    return ()
