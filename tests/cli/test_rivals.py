"""Documents that would not come into force, for another has what they name, are not applied."""

from pathlib import Path

import pytest

from tests.cli.support import Etcd, steersman, write

UNIT_STORE = "/v2/keys/desired/configkey/a"


def document(name: str, key: str = "/configs/x", more: str = "") -> str:
    return f"kind: configkey\nmetadata: {{name: {name}{more}}}\nspec: {{key: {key}, value: x}}\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_documents_that_name_one_object_are_told_each_with_the_other() -> None:
    write(a=document("a"), b=document("b"), c=document("c", "/configs/x/c"))
    write(d=document("d", "/configs/d"))
    ended = steersman("validate", ".")
    assert ended.code == 5
    one = "only one of both documents can be in force"
    assert ended.lines == [
        f"a.yaml:1: keys:/configs/x is also configkey/b's: {one}",
        f"a.yaml:1: keys:/configs/x is also configkey/c's, which names keys:/configs/x/c: {one}",
        f"b.yaml:1: keys:/configs/x is also configkey/a's: {one}",
        f"b.yaml:1: keys:/configs/x is also configkey/c's, which names keys:/configs/x/c: {one}",
        f"c.yaml:1: keys:/configs/x/c is also configkey/a's, which names keys:/configs/x: {one}",
        f"c.yaml:1: keys:/configs/x/c is also configkey/b's, which names keys:/configs/x: {one}",
        "d.yaml: ok",
    ]


def test_one_that_is_to_be_taken_down_gives_way() -> None:
    write(a=document("a", more=", deleting: true"), b=document("b"))
    assert steersman("validate", ".").code == 0


def test_nothing_is_applied_when_home_has_the_object_of_one(etcd: Etcd) -> None:
    write(a=document("a"))
    assert steersman("apply", "-f", "a.yaml").code == 0
    before = etcd.revision()
    write(b=document("b"), z=document("z", "/configs/z"))
    ended = steersman("apply", "-f", "b.yaml", "-f", "z.yaml")
    assert (ended.code, ended.out) == (5, "")
    assert ended.err.startswith("b.yaml:1: keys:/configs/x is also configkey/a's:")
    assert etcd.revision() == before


def test_what_names_the_same_as_before_is_applied_beside_whatever_there_is(etcd: Etcd) -> None:
    write(a=document("a"))
    etcd.put("/desired/configkey/a", document("a"))
    etcd.put("/desired/configkey/b", document("b"))
    etcd.put("/desired/configkey/c", "spec: [")
    write(a=document("a", more=", labels: {x: y}"))
    assert steersman("apply", "-f", "a.yaml").lines == ["configkey/a configured"]


def test_an_object_passes_from_one_document_to_another_in_one_go(etcd: Etcd) -> None:
    write(a=document("a"), b=document("b", "/configs/b"))
    assert steersman("apply", "-f", ".").code == 0
    write(a=document("a", "/configs/a"), b=document("b"))
    assert steersman("apply", "-f", ".").lines == [
        "configkey/a configured",
        "configkey/b configured",
    ]


@pytest.mark.parametrize(
    ("holder", "other"),
    [pytest.param("unit", "home", id="unit"), pytest.param("home", "unit", id="home")],
)
def test_a_name_that_the_other_store_has_is_not_applied_in_vain(
    etcd: Etcd, holder: str, other: str
) -> None:
    record = {"store": holder, "revision": 1, "sha256": "", "document": ""}
    etcd.put("/steersman/accepted/configkey/a", record)
    before = etcd.revision()
    write(a=document("a"))
    ended = steersman("apply", "-f", "a.yaml", "--store", other, "--unit-store", etcd.unit)
    assert (ended.code, ended.out) == (5, "")
    assert f"a.yaml:1: configkey/a belongs to the {holder} store" in ended.err
    assert f"apply it with --store {holder}" in ended.err
    assert etcd.revision() == before


def test_who_takes_down_one_of_two_is_told_of_the_other(
    etcd: Etcd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEERSMAN_UNIT_STORE", etcd.unit)
    etcd.put("/desired/configkey/a", "spec: {value: x}")
    etcd.server.send("PUT", f"{UNIT_STORE}?value=spec:%20%7Bvalue:%20y%7D")
    ended = steersman("delete", "cfg/a", "--no-wait")
    etcd.server.send("DELETE", "/v2/keys/desired?recursive=true")
    assert ended.code == 0
    assert "configkey/a: the unit store holds one, too" in ended.err
