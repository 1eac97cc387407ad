from pathlib import Path

import pytest
import yaml

from steersman.cli.work.applying import apply_document
from steersman.cli.work.files import Document, read_files
from steersman.clients.etcd import open_store
from steersman.model.errors import SteersmanError
from steersman.model.ports import Fence, Item
from tests.cli.support import Etcd, steersman

PATH = "/desired/configkey/a"
AUTHOR = {"steersman/author": "ana@laptop"}
SIGNED = (
    "# why it is so\nkind: configkey\n"
    'metadata: {"annotations": {"steersman/author": "ana@laptop"}, name: a}\nspec: {value: x}\n'
)
TEXT = "# why it is so\nkind: configkey\nmetadata: {name: a}\nspec: {value: x}\n"


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(TEXT)


def test_a_document_is_stored_as_it_was_written_and_signed(etcd: Etcd) -> None:
    assert steersman("apply", "-f", "a.yaml").lines == ["configkey/a created"]
    assert etcd.value(PATH) == SIGNED


def test_applying_again_writes_nothing(etcd: Etcd) -> None:
    steersman("apply", "-f", "a.yaml")
    before = etcd.revision()
    assert steersman("apply", "-f", "a.yaml").lines == ["configkey/a unchanged"]
    assert etcd.revision() == before


def test_what_says_the_same_in_other_words_is_unchanged(etcd: Etcd) -> None:
    etcd.put(PATH, {"spec": {"value": "x"}, "metadata": {"name": "a"}, "kind": "configkey"})
    assert steersman("apply", "-f", "a.yaml").lines == ["configkey/a unchanged"]


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param("kind: configkey\nmetadata: {name: a}\nspec: {value: y}\n", id="another"),
        pytest.param("no document", id="nonsense"),
    ],
)
def test_what_stood_there_is_replaced(etcd: Etcd, stored: str) -> None:
    etcd.put(PATH, stored)
    assert steersman("apply", "-f", "a.yaml").lines == ["configkey/a configured"]
    assert etcd.value(PATH) == SIGNED


def test_one_invalid_document_keeps_all_from_being_written(etcd: Etcd) -> None:
    Path("b.yaml").write_text("kind: configkey\nmetadata: {name: b}\nspec: {}\n")
    ended = steersman("apply", "-f", ".")
    assert (ended.code, ended.out) == (5, "")
    assert ended.err == "b.yaml:3: spec.value: required, but missing\n"
    assert etcd.value(PATH) is None


def test_several_documents_in_a_file_become_one_key_each(etcd: Etcd) -> None:
    second = 'kind: configkey\nmetadata: {name: b}\nspec: {value: "one\\ntwo\\n"}\n'
    ended = steersman("apply", "-f", "-", stdin=f"{TEXT}---\n{second}")
    assert ended.lines == ["configkey/a created", "configkey/b created"]
    stored = etcd.value("/desired/configkey/b")
    assert stored is not None
    asked = yaml.safe_load(second)
    asked["metadata"]["annotations"] = AUTHOR
    assert yaml.safe_load(stored) == asked


def test_the_unit_store_is_written_when_asked(etcd: Etcd) -> None:
    ended = steersman("apply", "-f", "a.yaml", "--store", "unit", "--unit-store", etcd.unit)
    assert ended.lines == ["configkey/a created"]
    node = etcd.server.send("GET", "/v2/keys/desired/configkey/a")["node"]
    etcd.server.send("DELETE", "/v2/keys/desired?recursive=true")
    assert node["value"] == SIGNED
    assert etcd.value(PATH) is None


class _Raced:
    """A home where somebody else is quicker: right after a document was read, it changes."""

    def __init__(self, etcd: Etcd) -> None:
        self._etcd, self._store = etcd, open_store(etcd.home)

    async def get(self, key: str) -> Item | None:
        item = await self._store.get(key)
        self._etcd.put(key, "theirs")
        return item

    async def create(
        self, key: str, value: bytes, *, ttl_seconds: int | None = None, fence: Fence | None = None
    ) -> int | None:
        return await self._store.create(key, value, ttl_seconds=ttl_seconds, fence=fence)

    async def compare_and_swap(self, key: str, value: bytes, revision: int) -> int | None:
        return await self._store.compare_and_swap(key, value, revision)

    async def close(self) -> None:
        await self._store.close()


@pytest.mark.parametrize("before", [None, "kind: configkey\nspec: {value: y}\n"])
async def test_nobody_elses_change_is_overwritten(etcd: Etcd, before: str | None) -> None:
    if before is not None:
        etcd.put(PATH, before)
    home = _Raced(etcd)
    with pytest.raises(SteersmanError, match="configkey/a was changed by somebody else"):
        await apply_document(home, _document())  # type: ignore[arg-type]  # all that it needs
    await home.close()
    assert etcd.value(PATH) == "theirs"


def _document() -> Document:
    (found,) = read_files([Path("a.yaml")])
    return found.documents[0]
