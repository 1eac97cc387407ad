"""What outlives the process."""

import resource
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from localcloud.files import JournalFile, StateFile
from localcloud.journal import Entry


def entry(number: int) -> Entry:
    return Entry(float(number), "compute", "POST", f"instances/core{number}", "test", "200")


def journalled(path: Path, *entries: Entry) -> list[Entry]:
    """A process that journals these; what its journal holds at the end."""
    journal = JournalFile(path)
    for one in entries:
        journal.record(one)
    journal.keep()
    journal.close()
    return list(journal)


def now_of(state: Mapping[str, Any]) -> int:
    return int(state["now"])


def test_a_saved_state_is_loaded(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "state.json")
    file.save({"now": 1})
    file.save({"now": 2})
    assert file.load(now_of) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def test_a_text_that_has_no_utf_8_is_saved_too(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "state.json")
    file.save({"text": "\ud800"})
    assert file.load(lambda state: state["text"]) == "\ud800"


def test_there_is_no_state_at_first(tmp_path: Path) -> None:
    assert StateFile(tmp_path / "state.json").load(now_of) is None


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{half", id="the half of one"),
        pytest.param(b"[" * 100_000, id="too deep"),
        pytest.param(b"\xff\xfe", id="no text"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'{"format": 99, "state": {"now": 1}}', id="another format"),
        pytest.param(b'{"format": 2}', id="no state"),
        pytest.param(b'{"format": 2, "state": null}', id="null"),
        pytest.param(b'{"format": 2, "state": []}', id="a state that is a list"),
        pytest.param(b'{"format": 2, "state": {}}', id="a part that is missing"),
        pytest.param(b'{"format": 2, "state": {"now": "x"}}', id="a part of another type"),
    ],
)
def test_an_odd_state_is_put_aside_with_one_line(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(content)
    assert StateFile(path).load(now_of) is None
    assert path.with_suffix(".unreadable").read_bytes() == content
    assert not path.exists()
    (line,) = caplog.messages
    assert "state.json is odd" in line
    assert "\n" not in line


def test_a_journal_goes_on_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journalled(path, entry(1))
    with path.open("a") as file:
        file.write('{"time": 2.0, "sys')  # the process was killed here
    assert journalled(path, entry(3)) == [entry(1), entry(3)]
    assert journalled(path) == [entry(1), entry(3)]
    assert [path.name for path in tmp_path.iterdir()] == ["journal.jsonl"]


def test_an_entry_of_a_caller_that_sent_no_utf_8_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journalled(path, replace(entry(1), caller="caf\udce9 \ud800"))
    (read,) = journalled(path)
    assert read == replace(entry(1), caller="caf? ?")
    assert not path.with_suffix(".unreadable").exists()


def test_a_journal_keeps_a_field_of_a_later_release_out(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text(entry(1).line().replace("{", '{"later":1,') + "\n")
    assert journalled(path) == [entry(1)]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"garbage}", id="no JSON"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'{"time": 1}', id="fields that are missing"),
        pytest.param(entry(1).line().replace("1.0", '"1"').encode(), id="a time that is a text"),
        pytest.param(entry(1).line().replace("1.0", "NaN").encode(), id="a time that is no number"),
        pytest.param(b"\xff\xfe}", id="no text"),
        pytest.param(b"[" * 50_000, id="too deep"),
        pytest.param(b"x" * 2_000_000, id="a line without an end"),
    ],
)
def test_lines_that_are_no_entries_are_left_out_and_the_file_is_put_aside(
    tmp_path: Path, line: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "journal.jsonl"
    journalled(path, entry(1))
    odd = path.read_bytes() + line + b"\n"
    path.write_bytes(odd)
    assert journalled(path, entry(2)) == [entry(1), entry(2)]
    assert path.with_suffix(".unreadable").read_bytes() == odd
    assert len(caplog.messages) == 1
    assert journalled(path) == [entry(1), entry(2)]


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """As a disk that is full from this byte on."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_after_a_full_disk_the_journal_goes_on_at_the_byte_where_it_failed(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = JournalFile(path)
    journal.record(entry(1))
    with no_file_beyond(10), pytest.raises(OSError, match="File too large"):
        journal.keep()
    assert path.stat().st_size == 10
    journal.record(entry(2))
    journal.keep()
    journal.close()
    assert journalled(path) == [entry(1), entry(2)]


def test_a_save_that_fails_leaves_the_state_before(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "state.json")
    file.save({"now": 1})
    with no_file_beyond(10), pytest.raises(OSError, match="File too large"):
        file.save({"now": 2})
    assert file.load(now_of) == 1


def test_there_is_room_while_the_file_system_has_it(tmp_path: Path) -> None:
    assert StateFile(tmp_path / "state.json").has_room()
    assert not StateFile(tmp_path / "gone" / "state.json").has_room()
