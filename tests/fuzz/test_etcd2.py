"""etcd v2's answers: whatever a server says there, the store raises an error of the model."""

from collections.abc import Awaitable, Callable, Iterator

import pytest

from steersman.clients.etcd2 import Etcd2Store
from steersman.model.ports import Item, Listing
from tests.fuzz.corpus import good
from tests.fuzz.strategies import cuts
from tests.fuzz.trying import fuzzed
from tests.fuzz.wire import Server, replies, reply, second_batch, serving

ETCD2 = "etcd2"
LISTING = next(each for each in good(ETCD2) if b"nodes" in each)
KEY = "/services/elasticsearch/10.240.0.2"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def store(server: Server) -> Iterator[Etcd2Store]:
    store = Etcd2Store([server.address])
    yield store
    server.outcome(store.close)


@fuzzed(ETCD2, replies(good(ETCD2)))
def test_a_listing_is_items_or_a_declared_error(
    server: Server, store: Etcd2Store, body: bytes
) -> None:
    server.says = {"/": body}
    listing = server.outcome(lambda: store.list("/services/"))
    assert listing is None or all(_sound(item) for item in listing.items)


@fuzzed(ETCD2, replies(good(ETCD2)))
def test_a_key_is_an_item_or_a_declared_error(
    server: Server, store: Etcd2Store, body: bytes
) -> None:
    server.says = {"/": body}
    item = server.outcome(lambda: store.get(KEY))
    assert item is None or _sound(item)


@fuzzed(ETCD2, replies(good(ETCD2)))
def test_a_write_has_a_revision_or_a_declared_error(
    server: Server, store: Etcd2Store, body: bytes
) -> None:
    server.says = {"/": body}
    writes: tuple[Callable[[], Awaitable[int | None]], ...] = (
        lambda: store.put(KEY, b"x"),
        lambda: store.create(KEY, b"x"),
        lambda: store.refresh(KEY, 300, 21),
        lambda: store.compare_and_delete(KEY, 21),
    )
    for write in writes:
        revision = server.outcome(write)
        assert revision is None or isinstance(revision, int)


@fuzzed(ETCD2, replies(good(ETCD2)))
def test_a_watch_hands_on_changes_or_ends_with_a_declared_error(
    server: Server, store: Etcd2Store, body: bytes
) -> None:
    server.says = {"/": reply(LISTING), "/v2/keys/services?wait": body}
    batch = server.outcome(lambda: second_batch(store, "/services/", 24))
    assert batch is None or all(_sound(each.item) for each in batch.changes if each.item)


@fuzzed(ETCD2, replies(good(ETCD2)))
def test_after_any_answer_the_next_good_one_counts(
    server: Server, store: Etcd2Store, body: bytes
) -> None:
    server.says = {"/": body}
    server.outcome(lambda: store.list("/services/"))
    server.says = {"/": reply(LISTING)}
    listing = server.outcome(lambda: store.list("/services/"))
    assert isinstance(listing, Listing)
    assert len(listing.items) == 2


@pytest.mark.parametrize("broken_off", [True, False], ids=["connection", "body"])
def test_a_listing_cut_off_anywhere_is_no_listing(
    server: Server, store: Etcd2Store, broken_off: bool
) -> None:
    for part in cuts(reply(LISTING)) if broken_off else map(reply, cuts(LISTING.strip())):
        server.says = {"/": part}
        assert server.outcome(lambda: store.list("/services/")) is None


def _sound(item: Item) -> bool:
    """Whether it is what the engine takes for granted of an item."""
    numbers = isinstance(item.revision, int) and isinstance(item.created, int)
    aware = item.expires_at is None or item.expires_at.tzinfo is not None
    return isinstance(item.key, str) and isinstance(item.value, bytes) and numbers and aware
