"""Documents: whatever stands under /desired, a problem is named, and nothing else changes."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from steersman.engine.acceptance.accept import accept
from steersman.engine.acceptance.reader import Reader
from steersman.engine.decide import Rules, decide
from steersman.engine.ledger import Ledger
from steersman.kinds import KINDS
from steersman.model.document import Body, DocumentError, bodies
from steersman.model.ports import Item
from steersman.model.reading import Read, key_in, read
from steersman.model.resource import DESIRED, Key
from steersman.model.views import resource_view
from steersman.model.world import World
from tests.fuzz.corpus import good
from tests.fuzz.strategies import changed, changed_json, cuts
from tests.fuzz.trying import fuzzed, outcome

DOCUMENTS = "documents"
NOW = datetime(2014, 9, 1, 12, 0, tzinfo=UTC)
POST = sorted((Path(__file__).parents[2] / "manifests" / "post").glob("*.yaml"))
MANIFESTS = [path.read_bytes() for path in POST]
ANY = changed_json(good(DOCUMENTS)) | changed(MANIFESTS)
KEYS = tuple(Key(kind, "x") for kind in KINDS)
READER = Reader(KINDS)
RULES = Rules(KINDS, 120)
GOOD_ONE = Item("/desired/configkey/other", b"spec: {value: x}", 5, 5)


@fuzzed(DOCUMENTS, ANY)
def test_a_file_is_read_or_every_problem_is_named(body: bytes) -> None:
    outcome(lambda: [_read(each) for each in bodies(body)], DocumentError)


@fuzzed(DOCUMENTS, ANY)
def test_a_document_under_any_kind_is_read_or_refused(body: bytes) -> None:
    for key in KEYS:
        assert isinstance(READER(key, body), Read | DocumentError)


@fuzzed(DOCUMENTS, ANY)
def test_what_is_accepted_can_be_decided_and_shown(body: bytes) -> None:
    for key in KEYS:
        _decided(key, body)


@fuzzed(DOCUMENTS, ANY)
def test_a_document_changes_nothing_beside_it(body: bytes) -> None:
    beside, other = Key("configkey", "other"), Key("configkey", "x")
    before = accept(_stored(GOOD_ONE), {}, READER, "tests")
    bad = Item(f"{DESIRED}{other}", body, 6, 6)
    after = accept(_stored(GOOD_ONE, bad), {}, READER, "tests", before=before)
    assert after.resources[beside] is before.resources[beside]
    assert (other in after.resources) == isinstance(READER(other, body), Read)


@pytest.mark.parametrize("body", good(DOCUMENTS), ids=len)
def test_a_document_cut_off_anywhere_is_read_or_refused(body: bytes) -> None:
    for part in cuts(body):
        assert isinstance(READER(KEYS[0], part), Read | DocumentError)


@pytest.mark.parametrize("body", [*good(DOCUMENTS), *MANIFESTS], ids=len)
def test_what_the_others_begin_from_is_a_document(body: bytes) -> None:
    assert bodies(body)


def _read(each: Body) -> Read:
    return read(key_in(each, KINDS), each, KINDS)


def _stored(*items: Item) -> dict[str, dict[str, Item]]:
    return {"home": {item.key: item for item in items}}


def _decided(key: Key, content: bytes) -> None:
    """From the bytes in the store to what people see, in a world where nothing is there yet."""
    found = accept(_stored(Item(f"{DESIRED}{key}", content, 6, 6)), {}, READER, "tests")
    world = World(owner="tests", leading=True, resources=found.resources)
    for each in found.resources:
        decision = decide(each, world, Ledger(), RULES, NOW)
        resource_view(decision.resource, decision.status)
