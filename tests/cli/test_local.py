from pathlib import Path
from typing import Any

import pytest

import steersman.local as supervisor
from tests.cli.support import steersman


def test_the_supervisor_is_given_what_was_asked_and_its_code_is_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[Any] = []

    def run(state_dir: Path, *, manifests: bool, speed: float, seed: int) -> int:
        given.append((state_dir, manifests, speed, seed))
        return len(given)

    monkeypatch.setattr(supervisor, "run", run)
    assert steersman("local").code == 1
    options = ("--state-dir", "x", "--no-manifests", "--speed", "10", "--seed", "7")
    assert steersman("local", *options).code == 2
    assert given == [(Path(".local"), True, 1.0, 1), (Path("x"), False, 10.0, 7)]
