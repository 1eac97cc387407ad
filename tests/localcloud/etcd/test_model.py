"""The model of etcd: what the contract of all stores does not speak of."""

import pytest

from localcloud.clock import ManualClock
from localcloud.etcd.keys import ModelKeys
from localcloud.etcd.model import EtcdModel
from localcloud.etcd.records import CompactedError, DownError, LostReplyError
from localcloud.seams import UnreachableError


def test_a_ttl_ends_when_the_clock_says_so_and_not_before() -> None:
    clock = ManualClock()
    model = EtcdModel(clock)
    model.put("/a", b"", ttl_seconds=10)

    assert model.next_due() == clock.now() + 10
    clock.advance(9.9)
    assert model.get("/a") is not None
    clock.advance(0.1)
    assert model.get("/a") is None
    assert model.next_due() is None


def test_what_expires_together_expires_in_the_order_of_time_then_of_names() -> None:
    clock = ManualClock()
    model = EtcdModel(clock)
    for key, ttl_seconds in (("/late", 9), ("/b", 5), ("/a", 5)):
        model.put(key, b"", ttl_seconds=ttl_seconds)
    start = model.revision

    clock.advance(60)
    model.tick()

    assert [event.key for event in model.changes("/", start)[1]] == ["/a", "/b", "/late"]


def test_history_is_bounded() -> None:
    model = EtcdModel(ManualClock(), history_events=3)
    for _ in range(5):
        model.put("/a", b"")

    assert len(model.changes("/", model.revision - 3)[1]) == 3
    with pytest.raises(CompactedError):
        model.changes("/", model.revision - 4)


def test_a_backup_brings_back_keys_and_revision_but_no_history() -> None:
    clock = ManualClock()
    model = EtcdModel(clock)
    model.put("/a", b"\xff", ttl_seconds=10)
    backup = model.dump()
    entries = model.under("/")
    model.put("/b", b"")

    model.load(backup)

    assert model.under("/") == entries
    with pytest.raises(CompactedError):
        model.changes("/", model.revision - 1)
    clock.advance(10)
    assert model.get("/a") is None


def test_a_lost_reply_is_of_a_write_that_was_applied() -> None:
    model = EtcdModel(ManualClock())
    model.lose_replies(1)

    with pytest.raises(LostReplyError):
        model.put("/a", b"1")

    entry = model.get("/a")
    assert entry is not None
    assert entry.value == b"1"
    model.put("/a", b"2")


def test_nothing_is_done_while_it_is_down() -> None:
    model = EtcdModel(ManualClock())
    model.go_down()
    with pytest.raises(DownError):
        model.put("/a", b"")

    model.come_back()

    assert model.get("/a") is None


def test_programs_read_leaves_without_the_name_of_their_directory() -> None:
    model = EtcdModel(ManualClock())
    model.put("/services/es/10.0.0.2", b"")
    model.put("/services/es/10.0.0.1", b"x")
    keys = ModelKeys(model)

    assert keys.leaves("/services/es") == ["10.0.0.1", "10.0.0.2"]
    assert keys.leaves("/services") == ["es/10.0.0.1", "es/10.0.0.2"]
    assert keys.leaves("/") == ["services/es/10.0.0.1", "services/es/10.0.0.2"]
    assert keys.leaves("/service") is None
    assert keys.get("/services/es/10.0.0.1") == "x"
    assert keys.get("/services/es") is None


def test_programs_notice_when_etcd_does_not_answer() -> None:
    model = EtcdModel(ManualClock())
    model.go_down()

    with pytest.raises(UnreachableError):
        ModelKeys(model).get("/a")
    with pytest.raises(UnreachableError):
        ModelKeys(model).leaves("/")
