"""Since when something is so: by our own observation, and whatever the wall clock does."""

import pytest

from steersman.informers.since import Since
from tests.informers.stories import HandClock, at


class Watch:
    def __init__(self) -> None:
        self.clock = HandClock()
        self._since = Since(self.clock)

    def looks(self, seconds: float, value: str = "up") -> float:
        """Seconds ago that the value was first seen, at this moment."""
        self.clock.seconds = seconds
        now = self.clock.now()
        since = self._since.of("thing", value, now)
        self._since.forget_others()
        return (now - since).total_seconds()


def test_it_counts_from_the_first_look() -> None:
    watch = Watch()
    assert [watch.looks(at) for at in (0, 5, 65)] == [0, 5, 65]


def test_another_value_counts_anew() -> None:
    watch = Watch()
    watch.looks(0)
    assert [watch.looks(5, "down"), watch.looks(9, "down"), watch.looks(10)] == [0, 4, 0]


def test_what_was_not_seen_in_a_round_counts_anew() -> None:
    clock = HandClock()
    since = Since(clock)
    since.of("thing", "up", at(0))
    since.forget_others()
    since.forget_others()
    assert since.of("thing", "up", at(5)) == at(5)


@pytest.mark.parametrize("hours", [-2, 1])
def test_a_wall_clock_that_is_set_neither_lengthens_nor_shortens_it(hours: int) -> None:
    watch = Watch()
    watch.looks(0)
    watch.clock.offset_seconds = hours * 3600
    assert [watch.looks(30), watch.looks(40)] == [30, 40]


def test_a_slow_read_does_not_move_it() -> None:
    clock = HandClock()
    since = Since(clock)
    since.of("thing", "up", at(0))
    since.forget_others()
    clock.seconds = 40  # a read that began at 10 ends only now
    assert since.of("thing", "up", at(10)) == at(0)
