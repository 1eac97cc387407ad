"""What no document shows by itself is told before anything is written: circles, and loose ends."""

from pathlib import Path

import pytest

from tests.cli.support import Etcd, steersman, write

CIRCLE = "depends on itself: configkey/a -> configkey/b -> configkey/c -> configkey/a"


def document(name: str, *others: str) -> str:
    waits = ", ".join(f"configkey/{other}" for other in others)
    return (
        f"kind: configkey\nmetadata: {{name: {name}, dependsOn: [{waits}]}}\nspec: {{value: x}}\n"
    )


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_circle_through_several_files_is_a_problem_of_each() -> None:
    write(a=document("a", "b"), b=document("b", "c"), c=document("c", "a"), d=document("d", "a"))
    ended = steersman("validate", ".")
    assert ended.code == 5
    assert ended.lines[0] == f"a.yaml:1: {CIRCLE}"
    assert [line.partition(":")[0] for line in ended.lines] == [
        "a.yaml", "b.yaml", "c.yaml", "d.yaml",
    ]  # fmt: skip
    assert ended.lines[-1] == "d.yaml: ok"


def test_a_circle_within_one_file_is_told_at_each_document() -> None:
    write(all="---\n".join([document("a", "b"), document("b", "a")]))
    ended = steersman("validate", "all.yaml", "-o", "json")
    assert [(each["line"], each["severity"]) for each in ended.json] == [(1, "error"), (5, "error")]


def test_what_is_waited_for_and_in_no_file_is_a_warning_with_what_may_be_meant() -> None:
    write(a=document("a", "registri"), b=document("registry"))
    ended = steersman("validate", ".")
    assert ended.code == 0
    assert ended.lines == [
        "a.yaml:1: warning: configkey/a waits for configkey/registri, which is in none of these"
        " files (did you mean configkey/registry?)",
        "a.yaml: ok",
        "b.yaml: ok",
    ]


def test_no_document_of_a_circle_is_applied_even_if_it_is_closed_by_what_stands_there(
    etcd: Etcd,
) -> None:
    write(b=document("b", "c"), c=document("c", "a"))
    assert steersman("apply", "-f", ".").code == 0
    before = etcd.revision()
    write(a=document("a", "b"), z=document("z"))
    ended = steersman("apply", "-f", "a.yaml", "-f", "z.yaml")
    assert (ended.code, ended.err) == (5, f"a.yaml:1: {CIRCLE}\n")
    assert etcd.revision() == before


def test_what_is_waited_for_and_nowhere_is_told_and_what_stands_there_is_not(etcd: Etcd) -> None:
    write(a=document("a"))
    assert steersman("apply", "-f", "a.yaml").err == ""
    write(b=document("b", "a", "nobody"))
    ended = steersman("apply", "-f", "b.yaml")
    assert (ended.code, ended.lines) == (0, ["configkey/b created"])
    assert ended.err == (
        "b.yaml:1: warning: configkey/b waits for configkey/nobody, which is neither in these"
        " files nor in the store\n"
    )
