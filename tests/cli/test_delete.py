"""Deleting: the document is marked, and removed once nothing is left of what it asked for."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from steersman.cli.work.marking import marked
from steersman.model.document import DocumentError, body
from tests.cli.support import Etcd, status, steersman

DEADLINE_SECONDS = 90
LATER_SECONDS = 0.5
TOLD_SECONDS = "10"  # in which everything was surely looked at
PATH = "/desired/configkey/a"
DOCUMENT = "metadata:\n  name: a  # its name\nspec: {value: x}\n"
MARKED = "metadata:\n  deleting: true\n  name: a  # its name\nspec: {value: x}\n"
SIGNED = MARKED.replace(
    "metadata:\n", 'metadata:\n  annotations: {steersman/author: "ana@laptop"}\n'
)
MARKS = [
    pytest.param(DOCUMENT, MARKED, id="into a block, with its comments kept"),
    pytest.param(
        "# a\n---\nspec:\n  value: x\n",
        "# a\n---\nmetadata: {deleting: true}\nspec:\n  value: x\n",
        id="before the first field of a block without metadata",
    ),
    pytest.param(
        '{"spec":{"value":"x"}}',
        '{"metadata": {"deleting": true}, "spec":{"value":"x"}}',
        id="into JSON, which stays JSON",
    ),
    pytest.param(
        '{"metadata": {"name":"a","deleting": false}, "spec":{"value":"x"}}',
        '{"metadata": {"name":"a","deleting": true}, "spec":{"value":"x"}}',
        id="in place of a mark that says no",
    ),
    pytest.param(
        "metadata:\nspec: {value: ü}\n",
        'metadata: {"deleting": true}\nspec: {value: ü}\n',
        id="into metadata that are empty",
    ),
    pytest.param(
        "  spec:\n    value: x\n",
        "  metadata: {deleting: true}\n  spec:\n    value: x\n",
        id="into an indented document",
    ),
    pytest.param(MARKED, MARKED, id="nothing is changed where it stands already"),
]


@pytest.mark.parametrize(("before", "after"), MARKS)
def test_a_mark_is_written_into_the_text(before: str, after: str) -> None:
    assert marked(before.encode()).decode() == after


def test_where_an_alias_would_carry_the_mark_elsewhere_the_document_is_written_anew() -> None:
    before = b"metadata: &m {labels: {}}\nspec: {value: x, y: *m}\n"
    assert body(marked(before)).data == {
        "metadata": {"labels": {}, "deleting": True},
        "spec": {"value": "x", "y": {"labels": {}}},
    }


@pytest.mark.parametrize("text", ["spec: [", "metadata: [a]\nspec: {}", "- a"])
def test_what_is_no_document_is_not_marked(text: str) -> None:
    with pytest.raises(DocumentError):
        marked(text.encode())


def tell(etcd: Etcd, content: str, deleted: str) -> None:
    """As a daemon says how the teardown of this very document goes."""
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    told = status(sha256, {"Deleted": (deleted, "1 left: keys:/configs/a")})
    etcd.put("/status/configkey/a", told)


@contextmanager
def told_later(etcd: Etcd, content: str, deleted: str) -> Iterator[None]:
    later = threading.Timer(LATER_SECONDS, tell, (etcd, content, deleted))
    later.start()
    try:
        yield
    finally:
        later.join(DEADLINE_SECONDS)


def test_the_document_is_removed_when_its_end_is_told(etcd: Etcd) -> None:
    etcd.put(PATH, DOCUMENT)
    with told_later(etcd, SIGNED, "True"):
        ended = steersman("delete", "cfg/a", "--timeout", str(DEADLINE_SECONDS))
    assert (ended.code, ended.out) == (0, "configkey/a deleted\n")
    assert etcd.value(PATH) is None


def test_the_end_of_an_older_version_is_not_enough(etcd: Etcd) -> None:
    etcd.put(PATH, DOCUMENT)
    tell(etcd, DOCUMENT, "True")
    ended = steersman("delete", "cfg/a", "--timeout", "1")
    assert ended.code == 3
    assert etcd.value(PATH) == SIGNED


def test_a_timeout_leaves_the_mark_and_says_what_is_left(etcd: Etcd) -> None:
    etcd.put(PATH, DOCUMENT)
    tell(etcd, SIGNED, "False")
    ended = steersman("delete", "cfg/a", "--timeout", TOLD_SECONDS)
    assert ended.code == 3
    assert "1 left: keys:/configs/a" in ended.err.splitlines()[-1]
    assert etcd.value(PATH) == SIGNED


def test_without_waiting_only_the_mark_is_written(etcd: Etcd) -> None:
    etcd.put(PATH, DOCUMENT)
    ended = steersman("delete", "configkey/a", "--no-wait")
    assert (ended.code, ended.out) == (0, "configkey/a deleting\n")
    assert etcd.value(PATH) == SIGNED


def test_a_release_removes_the_document_and_marks_nothing(etcd: Etcd) -> None:
    etcd.put(PATH, "spec: [broken")
    ended = steersman("delete", "cfg/a", "--release")
    assert (ended.code, etcd.value(PATH)) == (0, None)
    assert "nothing of it was touched" in ended.out


RECORD = {"store": "home", "revision": 1, "sha256": "", "document": DOCUMENT}


def test_what_would_never_be_accepted_is_not_marked(etcd: Etcd) -> None:
    etcd.put(PATH, "spec: {valu: x}")
    etcd.put("/steersman/accepted/configkey/a", RECORD)
    ended = steersman("delete", "cfg/a", "--no-wait")
    assert ended.code == 5
    assert "did you mean value?" in ended.err
    assert "--release" in ended.err
    assert etcd.value(PATH) == "spec: {valu: x}"


@pytest.mark.parametrize(
    ("document", "refused"),
    [
        pytest.param("spec: {valu: x}", False, id="what cannot be read"),
        pytest.param(DOCUMENT, True, id="what the daemon did not accept"),
    ],
)
def test_what_was_never_accepted_made_nothing_and_goes_at_once(
    etcd: Etcd, document: str, refused: bool
) -> None:
    etcd.put(PATH, document)
    if refused:
        sha256 = hashlib.sha256(document.encode()).hexdigest()
        etcd.put("/status/configkey/a", status(sha256, {"Accepted": ("False", "a circle")}))
    ended = steersman("delete", "cfg/a", "--timeout", "1")
    assert ended.code == 0
    assert ended.out.startswith("configkey/a deleted: it was never accepted (")
    assert etcd.value(PATH) is None


REFUSED_BEFORE = status("0" * 64, {"Accepted": ("False", "a circle")})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        pytest.param("/steersman/accepted/configkey/a", RECORD, id="a version was in force"),
        pytest.param("/status/configkey/a", REFUSED_BEFORE, id="another version was refused"),
        pytest.param("/status/configkey/a", "{", id="nobody can tell"),
    ],
)
def test_what_may_have_made_something_is_taken_down(etcd: Etcd, key: str, value: object) -> None:
    etcd.put(PATH, DOCUMENT)
    etcd.put(key, value)
    assert steersman("delete", "cfg/a", "--timeout", "1").code == 3
    assert etcd.value(PATH) == SIGNED


def test_nothing_is_deleted_that_is_not_there(etcd: Etcd) -> None:
    ended = steersman("delete", "cfg/nowhere")
    assert (ended.code, ended.err) == (4, "steersman: configkey/nowhere is not there\n")


def test_the_document_of_the_store_that_has_the_name_is_meant(
    etcd: Etcd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEERSMAN_UNIT_STORE", etcd.unit)
    etcd.put(PATH, "spec: {value: duplicate}")
    path = f"/v2/keys{PATH}"
    etcd.server.send("PUT", f"{path}?value=spec:%20%7Bvalue:%20x%7D")
    record = {"store": "unit", "revision": 1, "sha256": "", "document": ""}
    etcd.put("/steersman/accepted/configkey/a", record)
    assert steersman("delete", "cfg/a", "--no-wait").code == 0
    node = etcd.server.send("GET", path)["node"]
    etcd.server.send("DELETE", "/v2/keys/desired?recursive=true")
    assert node["value"] == (
        'metadata: {"annotations": {"steersman/author": "ana@laptop"}, deleting: true}\n'
        "spec: {value: x}"
    )
    assert etcd.value(PATH) == "spec: {value: duplicate}"


@pytest.mark.parametrize("nothing", ["{", "{}"])
def test_what_nobody_can_read_of_it_is_told_and_keeps_nobody_from_releasing_it(
    etcd: Etcd, nothing: str
) -> None:
    etcd.put(PATH, DOCUMENT)
    etcd.put("/status/configkey/a", nothing)
    etcd.put("/steersman/accepted/configkey/a", nothing)
    ended = steersman("delete", "cfg/a", "--timeout", TOLD_SECONDS)
    assert ended.code == 3
    waiting, told, *_ = ended.err.splitlines()
    assert "--release" in waiting
    assert told == "configkey/a: its status cannot be read"
    assert steersman("delete", "cfg/a", "--release").code == 0
    assert etcd.value(PATH) is None
