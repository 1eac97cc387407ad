from datetime import timedelta

import pytest

from steersman.model.document import DocumentError
from steersman.model.duration import duration


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("10m", 600), ("2h", 7200), ("1d", 86_400)]
)
def test_durations(text: str, seconds: int) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "10", "m", "-1s", "1.5h", "1h30m"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(DocumentError, match="is no duration"):
        duration(text)


def test_a_time_that_no_calendar_holds_is_refused() -> None:
    with pytest.raises(DocumentError, match="longer than 365000 days"):
        duration("999999999d")
