"""What outlives the process."""

from pathlib import Path

import pytest

from localcloud.files import JournalFile, StateFile
from localcloud.journal import Entry


def entry(number: int) -> Entry:
    return Entry(float(number), "compute", "POST", f"instances/core{number}", "test", "200")


def test_a_saved_state_is_loaded(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "state.json")
    file.save({"now": 1})
    file.save({"now": 2})
    assert file.load() == {"now": 2}
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def test_there_is_no_state_at_first(tmp_path: Path) -> None:
    assert StateFile(tmp_path / "state.json").load() is None


@pytest.mark.parametrize("content", ["", "{half", '{"format": 99, "state": {}}', "[]"])
def test_a_state_that_cannot_be_read_is_put_aside(tmp_path: Path, content: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(content)
    assert StateFile(path).load() is None
    assert path.with_suffix(".unreadable").read_text() == content
    assert not path.exists()


def test_a_journal_goes_on_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    first = JournalFile(path)
    first.record(entry(1))
    first.close()
    with path.open("a") as file:
        file.write('{"time": 2.0, "sys')  # the process was killed here
    second = JournalFile(path)
    second.record(entry(3))
    second.close()
    assert list(second) == [entry(1), entry(3)]
    third = JournalFile(path)
    third.close()
    assert list(third) == [entry(1), entry(3)]
