"""What is logged of something that is tried again and again."""

import pytest
from structlog.testing import capture_logs

from steersman.model.errors import ErrorClass, OutsideError, UnreachableError, WatchLostError
from steersman.telemetry.troubles import Troubles

SILENT = UnreachableError("no answer within 7.98 s", code="timeout")
SILENT_AGAIN = UnreachableError("no answer within 7.99 s", code="timeout")
DENIED = OutsideError(ErrorClass.DENIED, "PERMISSION_DENIED", "not for you")
LOST = WatchLostError("the store went back")

STORIES = [
    pytest.param([SILENT], ["failed"], id="a failure is told"),
    pytest.param([SILENT, SILENT_AGAIN], ["failed"], id="the same again is not"),
    pytest.param([SILENT, DENIED], ["failed", "failed"], id="another cause is"),
    pytest.param([SILENT, LOST], ["failed", "failed"], id="and one that has no code"),
    pytest.param([SILENT, None, None], ["failed", "again"], id="its end is told once"),
    pytest.param([SILENT, None, SILENT], ["failed", "again", "failed"], id="so is its return"),
    pytest.param([None], [], id="of what never failed nothing is told"),
]


@pytest.mark.parametrize(("story", "told"), STORIES)
def test_a_trouble_is_told_when_it_changes(story: list[Exception | None], told: list[str]) -> None:
    troubles = Troubles("failed", "again")
    with capture_logs() as logs:
        for error in story:
            if error is None:
                troubles.works(prefix="/a/")
            else:
                troubles.fails(error, prefix="/a/")

    assert [each["event"] for each in logs] == told
    assert all(each["prefix"] == "/a/" for each in logs)


def test_each_place_has_its_own_troubles() -> None:
    troubles = Troubles("failed", "again")
    with capture_logs() as logs:
        troubles.fails(SILENT, prefix="/a/")
        troubles.fails(SILENT, prefix="/b/")
        troubles.works(prefix="/a/")
        troubles.fails(SILENT, prefix="/b/")

    assert [(each["event"], each["prefix"]) for each in logs] == [
        ("failed", "/a/"),
        ("failed", "/b/"),
        ("again", "/a/"),
    ]
