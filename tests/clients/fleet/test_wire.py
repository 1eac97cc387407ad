"""What fleet says, however odd: entries, or an error of ours."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steersman.clients.fleet import wire
from steersman.clients.http import Answer
from steersman.model.errors import OutsideError
from tests.clients.fleet.replay import MACHINES_JSON, STATES_JSON, UNITS_JSON

PARSERS: dict[str, tuple[Callable[[wire.Entry], object], dict[str, Any]]] = {
    "machines": (wire.machine, MACHINES_JSON[0]),
    "units": (wire.unit, UNITS_JSON[0]),
    "states": (wire.state, STATES_JSON[0]),
}
JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=5),
        st.just("\ud800"),  # json.loads gives it for a lone escape
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["name", "id", "options", "section", "value", "metadata", "x"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("field", PARSERS)
@given(page=st.dictionaries(st.sampled_from([*PARSERS, "nextPageToken"]), JSON))
def test_a_page_is_a_list_of_objects_or_an_error(field: str, page: dict[str, Any]) -> None:
    parse, _ = PARSERS[field]
    with suppress(OutsideError):
        found = wire.each(parse, wire.entries(page, field))
        assert len(found) == len(page.get(field) or [])


@pytest.mark.parametrize("field", PARSERS)
@given(data=st.data())
def test_a_field_may_be_odd_new_or_missing(field: str, data: st.DataObject) -> None:
    parse, good = PARSERS[field]
    name = data.draw(st.sampled_from([*good, "unheardOf"]))
    odd = {**good, name: data.draw(JSON)}
    if data.draw(st.booleans()):
        del odd[name]
    with suppress(OutsideError):
        assert str(wire.one(parse, odd)).encode()


@pytest.mark.parametrize("odd", [pytest.param("\ud800", id="half a character"), 7])
def test_what_a_unit_holds_is_not_told_when_it_cannot_be_read(odd: object) -> None:
    value = f"PASSWORD=hunter2{odd}" if isinstance(odd, str) else ["hunter2", odd]
    line = {"section": "Service", "name": "Environment", "value": value}
    with pytest.raises(OutsideError, match="value is no text") as caught:
        wire.one(wire.unit, {"name": "a.service", "options": [line]})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("server", "version"),
    [
        ("fleetd/1.0.0", "1.0.0"),
        ("fleetd/0.13.0+git", "0.13.0+git"),
        ("fleetd/", ""),
        ("nginx/1.2", ""),
        ("", ""),
    ],
)
def test_the_version_stands_in_a_header_of_fleets_own(server: str, version: str) -> None:
    assert wire.version(Answer(200, headers={"Server": server})) == version
