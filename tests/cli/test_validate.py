import json
from pathlib import Path

import pytest
import yaml

from steersman.cli.work.files import read_files
from tests.cli.support import steersman

UNIT = "[Service]\nExecStart=/bin/true\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_problem_of_every_document_is_told_with_its_place() -> None:
    Path("two.yaml").write_text(
        "kind: configkey\n"
        "metadata: {name: a}\n"
        "spec: {vaule: x}\n"
        "---\n"
        "kind: nodepol\n"
        "metadata: {name: b}\n"
    )
    ended = steersman("validate", "two.yaml")
    assert ended.lines == [
        "two.yaml:3: spec.value: required, but missing",
        "two.yaml:3: spec.vaule: unknown field (did you mean value?)",
        "two.yaml:5: unknown kind 'nodepol' (did you mean nodepool?)",
    ]


def test_problems_are_told_to_programs() -> None:
    Path("a.yaml").write_text(
        "kind: configkey\nmetadata: {name: a}\nspec: {value: x, fromat: text}\n"
    )
    assert steersman("validate", "a.yaml", "-o", "json").json == [
        {
            "file": "a.yaml",
            "line": 3,
            "path": "spec.fromat",
            "message": "unknown field",
            "didYouMean": "format",
            "severity": "error",
        }
    ]


def test_what_is_right_is_told_and_is_no_problem_to_programs() -> None:
    Path("a.yaml").write_text("kind: configkey\nmetadata: {name: a}\nspec: {value: x}\n")
    assert steersman("validate", "a.yaml").lines == ["a.yaml: ok"]
    assert steersman("validate", "a.yaml", "-o", "json").json == []


def test_standard_input_is_a_file() -> None:
    ended = steersman("validate", "-", stdin="kind: configkey\nmetadata: {name: a}\n")
    assert ended.lines == ["-:1: spec: required, but missing"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"", "no document is in it", id="an empty file"),
        pytest.param(b"- a\n", "a document is a mapping with `spec`", id="a list"),
        pytest.param(b"a: [\n", "not YAML", id="no YAML"),
        pytest.param(b"\xff\xfe", "not UTF-8 text", id="no text"),
        pytest.param(b"a: " + b"x" * 300_000, "a document has at most", id="too large"),
        pytest.param(b"spec: {}\n", "a document in a file needs it", id="without a kind"),
    ],
)
def test_what_is_no_document(content: bytes, told: str) -> None:
    Path("a.yaml").write_bytes(content)
    ended = steersman("validate", "a.yaml")
    assert ended.code == 5
    assert ended.out.startswith("a.yaml:")
    assert told in ended.out


def test_a_name_that_two_documents_have_is_refused() -> None:
    for file in ("a.yaml", "b.yaml"):
        Path(file).write_text("kind: configkey\nmetadata: {name: same}\nspec: {value: x}\n")
    ended = steersman("validate", ".")
    assert ended.lines == ["a.yaml: ok", "b.yaml: configkey/same stands in a.yaml, too"]
    assert ended.code == 5


def test_a_content_file_is_read_beside_the_document() -> None:
    Path("units").mkdir()
    Path("units/a.service").write_text(UNIT)
    Path("units/a.yaml").write_text(
        "kind: unit\nmetadata: {name: a}\nspec: {contentFile: a.service}\n"
    )
    (found,) = read_files([Path("units")])
    assert found.problems == ()
    stored = yaml.safe_load(found.documents[0].content)
    assert stored["spec"] == {"content": UNIT}
    assert b"content: |" in found.documents[0].content


@pytest.mark.parametrize(
    "spec",
    [
        "{contentFile: nothing.service}",
        "{contentFile: a.service, content: x}",
        '{contentFile: "a\\0.service"}',
    ],
)
def test_a_content_file_that_cannot_be_meant_is_refused_at_its_line(spec: str) -> None:
    Path("a.service").write_text(UNIT)
    Path("a.yaml").write_text(f"kind: unit\nmetadata: {{name: a}}\nspec: {spec}\n")
    ended = steersman("validate", "a.yaml")
    assert ended.code == 5
    assert ended.out.startswith("a.yaml:3: spec.contentFile: ")


def test_of_a_content_file_no_more_is_read_than_a_document_may_hold() -> None:
    with Path("a.service").open("wb") as endless:
        endless.truncate(2**40)
    Path("a.yaml").write_text("kind: unit\nmetadata: {name: a}\nspec: {contentFile: a.service}\n")
    assert steersman("validate", "a.yaml").code == 5


UNWISE = "[Service]\nExecStart=/bin/a\nTimeoutStartSec=0\n"
INDENTED = UNWISE.replace("\n", "\n    ").rstrip(" ")


@pytest.mark.parametrize(
    ("document", "line"),
    [
        pytest.param(f"spec:\n  content: |\n    {INDENTED}", 7, id="the line in a block"),
        pytest.param(f"spec:\n  content: |-\n\n    {INDENTED}", 8, id="after an empty line"),
        pytest.param(
            f"spec: {{content: {json.dumps(UNWISE)}}}\n", 3, id="the line of a quoted text"
        ),
    ],
)
def test_what_is_accepted_and_unwise_is_a_warning_at_its_line(document: str, line: int) -> None:
    Path("a.yaml").write_text(f"kind: unit\nmetadata: {{name: a}}\n{document}")
    ended = steersman("validate", "a.yaml")
    warning, verdict = ended.lines
    assert warning.startswith(f"a.yaml:{line}: warning: spec.content: a start that hangs")
    assert (verdict, ended.code) == ("a.yaml: ok", 0)
    (told,) = steersman("validate", "a.yaml", "-o", "json").json
    assert (told["line"], told["severity"], told["didYouMean"]) == (line, "warning", None)


def test_a_warning_about_a_content_file_stands_at_the_line_there() -> None:
    Path("a.service").write_text(UNWISE)
    Path("a.yaml").write_text("kind: unit\nmetadata: {name: a}\nspec: {contentFile: a.service}\n")
    warning, verdict = steersman("validate", "a.yaml").lines
    assert warning.startswith("a.service:3: warning: ")
    assert verdict == "a.yaml: ok"


def test_a_unit_that_fleet_would_refuse_is_no_warning() -> None:
    unit = "[Service]\nExecStart=/bin/a\n[X-Fleet]\nMachineID=a\nMachineOf=b.service\n"
    spec = json.dumps({"content": unit})
    Path("a.yaml").write_text(f"kind: unit\nmetadata: {{name: a}}\nspec: {spec}\n")
    ended = steersman("validate", "a.yaml")
    assert "fleet would refuse it" in ended.out
    assert ended.code == 5
