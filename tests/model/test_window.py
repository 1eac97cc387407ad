"""Windows: open from each time of the cron expression, in its own zone, for some minutes."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from steersman.model.window import Window

NIGHTLY = Window("0 2 * * *", ZoneInfo("Europe/Paris"), 90)  # from 00:00 UTC in summer
WEEKENDS = Window("0 0 * * SAT", ZoneInfo("UTC"), 2 * 24 * 60)
NEVER_AGAIN = Window("0 0 29 2 *", ZoneInfo("UTC"), 60)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


OPEN = [
    pytest.param(NIGHTLY, "2014-09-01T00:00:00", True, id="from its first moment"),
    pytest.param(NIGHTLY, "2014-09-01T01:29:59.999999", True, id="to its last"),
    pytest.param(NIGHTLY, "2014-09-01T01:30:00", False, id="and no longer"),
    pytest.param(NIGHTLY, "2014-08-31T23:59:59", False, id="not before"),
    pytest.param(NIGHTLY, "2014-12-01T01:30:00", True, id="in winter an hour later"),
    pytest.param(NIGHTLY, "2014-12-01T00:30:00", False, id="and not at summer's time"),
    pytest.param(WEEKENDS, "2014-08-31T23:59:00", True, id="over midnight"),
    pytest.param(WEEKENDS, "2014-09-01T00:00:00", False, id="until monday"),
]


@pytest.mark.parametrize(("window", "now", "is_open"), OPEN)
def test_a_window_is_open(window: Window, now: str, is_open: bool) -> None:
    assert window.is_open(at(now)) is is_open


OPENS = [
    pytest.param(NIGHTLY, "2014-09-01T12:00:00", "2014-09-02T00:00:00", id="the next night"),
    pytest.param(WEEKENDS, "2014-09-01T12:00:00", "2014-09-06T00:00:00", id="the next weekend"),
    pytest.param(NEVER_AGAIN, "2014-03-01T00:00:00", "2016-02-29T00:00:00", id="years from now"),
]


@pytest.mark.parametrize(("window", "now", "opens"), OPENS)
def test_a_window_opens_next(window: Window, now: str, opens: str) -> None:
    assert window.opens(at(now)) == at(opens)


def test_a_time_that_the_clock_skips_in_spring_is_not_lost() -> None:
    skipped = Window("30 2 * * *", ZoneInfo("Europe/Paris"), 60)  # 02:30 is not on 2014-03-30

    assert skipped.is_open(at("2014-03-30T01:15:00"))
