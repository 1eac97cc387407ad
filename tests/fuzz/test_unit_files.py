"""Unit files: two readers, written apart, agree on any text; what is read can be linted."""

from functools import partial
from pathlib import Path

import pytest

from localcloud.fleet.units import unitfile as theirs
from localcloud.seams import Option
from steersman.model import unitfile as ours
from steersman.model.unitfile.lint import lint
from tests.fuzz.strategies import changed
from tests.fuzz.trying import fuzzed, outcome

UNITS = "units"
POST = sorted((Path(__file__).parents[1] / "localcloud" / "data").glob("*.service"))
GOOD = [path.read_bytes() for path in POST]
ANY = changed(GOOD)
NAMES = ("elasticsearch@.service", "elasticsearch@1.service", "jenkins.service")


@fuzzed(UNITS, ANY)
def test_the_product_and_the_local_fleet_read_the_same(body: bytes) -> None:
    text = body.decode(errors="replace")
    read = outcome(lambda: ours.parse(text), ours.UnitFileError)
    known = outcome(lambda: _stored(text), theirs.UnitFileError)
    assert (read is None) == (known is None)
    if read is not None and known is not None:
        assert ours.fleet_hash(read) == theirs.unit_hash(known)


@fuzzed(UNITS, ANY)
def test_what_is_read_survives_being_written(body: bytes) -> None:
    read = outcome(lambda: ours.parse(body.decode(errors="replace")), ours.UnitFileError)
    if read is not None:
        assert ours.survives(read)
        assert ours.parse(ours.render(read)) == read


@fuzzed(UNITS, ANY)
def test_what_is_read_can_be_linted_and_judged(body: bytes) -> None:
    text = body.decode(errors="replace")
    for name in NAMES:
        findings = outcome(partial(lint, text, name, "spec.content"), ours.UnitFileError)
        lines = text.count("\n") + 1
        assert findings is None or all(1 <= each.line <= lines for each in findings)
    options = outcome(lambda: ours.parse(text), ours.UnitFileError)
    assert options is None or isinstance(ours.refusal(options), str | None)


@fuzzed(UNITS, ANY)
def test_any_text_is_a_name_or_is_refused_as_one(body: bytes) -> None:
    said = ours.valid_unit_name(body.decode(errors="replace"))
    assert said is None or said


@pytest.mark.parametrize("body", GOOD, ids=[path.name for path in POST])
def test_what_the_others_begin_from_is_a_unit(body: bytes) -> None:
    assert ours.parse(body.decode())


def _stored(text: str) -> tuple[Option, ...]:
    """fleet works with what it reads in what it has itself written."""
    return theirs.parse(theirs.serialise(theirs.parse(text)))
