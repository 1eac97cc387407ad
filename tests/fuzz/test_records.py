"""The operator's own records: whatever stands in their place is refused or passed over."""

import asyncio
from datetime import UTC, datetime
from typing import Any, cast

from steersman.engine.home.events import EVENTS, Event, Recorder
from steersman.engine.home.owner import SCHEMA_KEY, ForeignHomeError, check_home
from steersman.engine.home.records import (
    ACCEPTED,
    BOOTSTRAP,
    INTENTS,
    MEMORY,
    recorded,
)
from steersman.engine.requests import REQUESTS, over, read_all
from steersman.kinds import KINDS
from steersman.model.ports import Fence, Item, Listing, Store
from steersman.model.resource import Key, Source
from steersman.model.status import aged
from steersman.model.views import status_of, status_view
from tests.fuzz.corpus import good
from tests.fuzz.strategies import changed_json
from tests.fuzz.trying import fuzzed, outcome

RECORDS = "records"
ANY = changed_json(good(RECORDS))
NOW = datetime(2014, 9, 1, 12, 0, tzinfo=UTC)
KEY = Key("nodepool", "core")
OURS = tuple(f"{prefix}{KEY}" for prefix in (ACCEPTED, MEMORY, BOOTSTRAP, INTENTS))
OTHER = Key("configkey", "other")
SOUND = Item(f"{ACCEPTED}{OTHER}", good(RECORDS)[0], 3, 3)


@fuzzed(RECORDS, ANY)
def test_a_record_is_read_or_told_as_unreadable_and_hides_no_other(body: bytes) -> None:
    for path in OURS:
        found = recorded([SOUND, _item(path, body)], KINDS)
        assert OTHER in found.accepted
        read = (*found.accepted, *found.memory, *found.bootstraps, *found.pending)
        assert path in found.unreadable or len(read) == 2


@fuzzed(RECORDS, ANY)
def test_a_request_is_read_or_listed_as_refused(body: bytes) -> None:
    asked = read_all([_item(f"{REQUESTS}1", body)], KINDS)
    assert len(asked.requests) + len(asked.refused) == 1
    for request in asked.requests.values():
        assert over(request, NOW) != request.in_force(NOW) or request.at is None


@fuzzed(RECORDS, ANY)
def test_a_home_is_ours_or_foreign(body: bytes) -> None:
    outcome(lambda: check_home(_item(SCHEMA_KEY, body), "tests"), ForeignHomeError)


@fuzzed(RECORDS, ANY)
def test_a_stored_status_is_read_or_a_value_error(body: bytes) -> None:
    status = outcome(lambda: status_of(body), ValueError)
    if status is not None:
        tuple(aged(status.conditions, status, NOW))
        status_view(Source("home", 7, "0" * 64), status)


@fuzzed(RECORDS, ANY)
def test_events_that_cannot_be_read_keep_nobody_from_leading(body: bytes) -> None:
    store = _Stored([_item(f"{EVENTS}00000000000001-0000000001", body)])
    recorder = Recorder(cast(Store, store), lambda: Fence("/steersman/leader", 1), "me", 10)
    asyncio.run(recorder.load(NOW))
    recorder.record(Event(NOW, KEY, "Because", ""))
    asyncio.run(recorder.flush())
    assert len(store.items) == 2


class _Stored:
    """A store that holds only what it is given, and takes what is put."""

    def __init__(self, items: list[Item]) -> None:
        self.items = items

    async def list(self, _prefix: str) -> Listing:
        return Listing(9, tuple(self.items))

    async def put(self, key: str, value: bytes, **_terms: Any) -> int:
        self.items.append(_item(key, value))
        return 9


def _item(path: str, value: bytes) -> Item:
    return Item(path, value, 7, 7)
