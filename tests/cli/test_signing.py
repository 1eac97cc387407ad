"""Signing: who applied a document stands in it, and nothing else of it changes."""

import subprocess
from pathlib import Path

import pytest
import yaml

from steersman.cli.work.signing import author, signed, unsigned
from steersman.model.document import DOCUMENT_BYTES_MAX
from steersman.model.edits import author_of

NAME = "ana@laptop git 3f2c1d0"
GIT = ("git", "-c", "user.name=ana", "-c", "user.email=ana@laptop")

TEXTS = [
    pytest.param(
        "# why\nspec:\n  value: x  # so\n",
        f'# why\nmetadata: {{annotations: {{steersman/author: "{NAME}"}}}}\n'
        "spec:\n  value: x  # so\n",
        id="no metadata",
    ),
    pytest.param(
        "metadata:\n  annotations:\n    a: b  # c\nspec: {}\n",
        f'metadata:\n  annotations:\n    steersman/author: "{NAME}"\n    a: b  # c\nspec: {{}}\n',
        id="beside other annotations",
    ),
    pytest.param(
        'metadata: {annotations: {steersman/author: "bob@desk"}}\nspec: {}\n',
        f'metadata: {{annotations: {{steersman/author: "{NAME}"}}}}\nspec: {{}}\n',
        id="in place of who signed before",
    ),
    pytest.param(
        '{"spec": {"value": "\u00fc"}}',
        f'{{"metadata": {{"annotations": {{"steersman/author": "{NAME}"}}}}, '
        '"spec": {"value": "\u00fc"}}',
        id="JSON stays JSON",
    ),
    pytest.param(
        '{\n\t"spec": {"value": "\\ud83d\\ude00"}\n}\n',
        '{\n  "spec": {\n    "value": "\U0001f600"\n  },\n  "metadata": {\n    "annotations": {\n'
        f'      "steersman/author": "{NAME}"\n    }}\n  }}\n}}',
        id="as does JSON that YAML cannot read",
    ),
]


@pytest.mark.parametrize(("before", "after"), TEXTS)
def test_a_signature_is_written_into_the_text(before: str, after: str) -> None:
    result = signed(before.encode(), NAME).decode()

    assert result == after
    assert author_of(result) == NAME


@pytest.mark.parametrize(("before", "after"), TEXTS[:2])
def test_without_its_signature_a_document_says_what_it_said(before: str, after: str) -> None:
    assert unsigned(yaml.safe_load(after)) == yaml.safe_load(before)


def test_a_document_without_room_for_a_signature_is_not_signed() -> None:
    full = b"spec: {value: " + b"x" * (DOCUMENT_BYTES_MAX - 20) + b"}"

    assert signed(full, NAME) == full


def test_outside_of_a_repository_the_author_is_who_and_where(tmp_path: Path) -> None:
    assert author(tmp_path) == "ana@laptop"


def test_in_a_repository_the_commit_is_told_and_whether_files_differ_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GIT_DIR")
    file = tmp_path / "a.yaml"
    file.write_text("spec: {value: x}\n")
    for words in (("init", "-q"), ("add", "a.yaml"), ("commit", "-q", "-m", "first")):
        subprocess.run((*GIT, *words), cwd=tmp_path, check=True)
    commit = subprocess.run(
        (*GIT, "rev-parse", "--short=7", "HEAD"), cwd=tmp_path, check=True, capture_output=True
    ).stdout.decode()
    assert author(tmp_path) == f"ana@laptop git {commit.strip()}"

    file.write_text("spec: {value: y}\n")
    assert author(tmp_path) == f"ana@laptop git {commit.strip()}+"
