"""What the local cloud finds of its last run: it goes on from it, or it puts it aside."""

import json
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from localcloud.clock import ManualClock
from localcloud.cloud import Cloud
from localcloud.files import STATE_FORMAT, JournalFile, StateFile
from localcloud.journal import JOURNAL_LINES_MAX, Entry
from localcloud.server import Settings, resumed
from tests.fuzz.strategies import changed_json
from tests.fuzz.trying import fuzzed
from tests.localcloud.story import Story
from tests.localcloud.support import FakeKeys

STATE, JOURNAL = "saved-state", "saved-journal"
AHEAD = 4_102_444_800.0  # of the wall clock: the cloud goes on from there, and no time has passed
ENTRY = Entry(1.0, "compute", "POST", "instances/core1", "test", "200")
GOOD_JOURNAL = "".join(f"{ENTRY.line()}\n" for _ in range(3)).encode()


def good_state() -> bytes:
    story = Story(clock=ManualClock(AHEAD))
    story.three_nodes()
    return json.dumps({"format": STATE_FORMAT, "state": story.cloud.dump()}).encode()


def settings(directory: Path) -> Settings:
    network = IPv4Network("127.20.0.0/16")
    return Settings(directory, "", 0, 0, 0, network, 1.0, 1, "1.0.0", "1.3.2")


def loaded(path: Path) -> Cloud | None:
    keys = FakeKeys({"/configs/elasticsearch": "cluster.name: es-prod\n"})
    return StateFile(path).load(lambda state: resumed(settings(path.parent), keys, state))


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("saved")


@fuzzed(STATE, changed_json([good_state()]))
def test_a_cloud_goes_on_from_a_state_and_can_be_saved_again_or_puts_it_aside(
    directory: Path, body: bytes
) -> None:
    path = directory / "state.json"
    path.write_bytes(body)
    cloud = loaded(path)
    if cloud is None:
        assert path.with_suffix(".unreadable").read_bytes() == body
        assert not path.exists()
        return
    StateFile(path).save(cloud.dump())
    assert loaded(path) is not None


@fuzzed(JOURNAL, changed_json([GOOD_JOURNAL.splitlines()[0] + b"\n"]))
def test_a_journal_keeps_the_entries_and_puts_the_rest_aside(directory: Path, body: bytes) -> None:
    path = directory / "journal.jsonl"
    path.write_bytes(GOOD_JOURNAL + body)
    journal = JournalFile(path)
    assert list(journal)[:3] == [ENTRY] * 3 or body.count(b"\n") > JOURNAL_LINES_MAX - 3
    assert all(json.loads(line) for line in journal.lines())
    journal.record(ENTRY)
    journal.keep()
    journal.close()
    again = JournalFile(path)
    again.close()
    assert list(again) == list(journal)
