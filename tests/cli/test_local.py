from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import steersman.local as supervisor
from tests.cli.support import steersman


def test_the_supervisor_is_given_what_was_asked_and_its_code_is_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[Any] = []

    def run(state_dir: Path, *, manifests: bool, cloud: Mapping[str, str]) -> int:
        given.append((state_dir, manifests, cloud))
        return len(given)

    monkeypatch.setattr(supervisor, "run", run)
    assert steersman("local").code == 1
    options = ("--state-dir", "x", "--no-manifests", "--speed", "10", "--seed", "7")
    versions = ("--fleet-version", "0.9", "--es-version", "1.7.1")
    assert steersman("local", *options, *versions).code == 2
    usual = {"speed": "1.0", "seed": "1", "fleet-version": "1.0"}
    asked = {"speed": "10.0", "seed": "7", "fleet-version": "0.9", "es-version": "1.7.1"}
    assert given == [(Path(".local"), True, usual), (Path("x"), False, asked)]
