"""Measuring: a call is reported when it ends, however it ends."""

import pytest

from steersman.clients.measure import measured
from steersman.model.errors import ErrorClass, OutsideError

CODES = [
    pytest.param("200", False, id="answered"),
    pytest.param("429", True, id="HTTP's own word for too many requests"),
    pytest.param("cancelled", False, id="nobody says what came of it"),
]


@pytest.mark.parametrize(("code", "throttled"), CODES)
def test_a_call_is_reported_with_its_code(code: str, throttled: bool) -> None:
    told: list[tuple[str, str, str, bool]] = []
    with measured(lambda *call: told.append((*call[:3], call[4])), "fleet", "GET") as call:
        if code != "cancelled":
            call.code = code
    assert told == [("fleet", "GET", code, throttled)]


CLASSES = [(each, each is ErrorClass.THROTTLED) for each in ErrorClass]


@pytest.mark.parametrize(("kind", "throttled"), CLASSES)
def test_an_error_is_reported_with_its_word_and_goes_on(kind: ErrorClass, throttled: bool) -> None:
    told: list[tuple[str, bool]] = []
    with (
        pytest.raises(OutsideError),
        measured(lambda *call: told.append((call[2], call[4])), "compute", "instances.insert"),
    ):
        raise OutsideError(kind, "a-word", "said the API")
    assert told == [("a-word", throttled)]
