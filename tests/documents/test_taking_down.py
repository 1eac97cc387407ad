"""`steersman delete` and `plan -f` beside a living daemon, with real stores."""

import json
from pathlib import Path

import pytest

from tests.documents.daemon import LiveDaemon, until

pytestmark = pytest.mark.timeout(600)

STORES = ("home", "unit")


@pytest.mark.parametrize("store", STORES)
def test_what_is_deleted_goes_and_then_its_document_and_all_that_was_kept(
    daemon: LiveDaemon, store: str
) -> None:
    path, key = "/desired/configkey/short-lived", "/configs/short-lived"
    daemon.put(store, path, b"spec: {value: here}")
    until(lambda: daemon.value("unit", key) == b"here")

    ended = daemon.steersman("delete", "cfg/short-lived", "--timeout", "60")

    assert (ended.returncode, ended.stdout) == (0, "configkey/short-lived deleted\n"), ended.stderr
    assert (daemon.value("unit", key), daemon.value(store, path)) == (None, None)
    until(lambda: daemon.value("home", "/status/configkey/short-lived") is None)
    assert daemon.value("home", "/steersman/accepted/configkey/short-lived") is None


def test_a_value_that_somebody_else_wrote_is_left(daemon: LiveDaemon) -> None:
    watched = b"metadata: {policy: {mode: observe}}\nspec: {value: ours}"
    daemon.put("unit", "/configs/theirs", b"theirs")
    daemon.put("home", "/desired/configkey/theirs", watched)
    until(lambda: daemon.value("home", "/status/configkey/theirs") is not None)

    ended = daemon.steersman("delete", "cfg/theirs", "--timeout", "60")

    assert ended.returncode == 0, ended.stderr
    assert daemon.value("unit", "/configs/theirs") == b"theirs"


def test_a_plan_for_a_file_writes_nothing(daemon: LiveDaemon, tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    file.write_text("kind: configkey\nmetadata: {name: new}\nspec: {value: x}\n")

    ended = daemon.steersman("plan", "-f", str(file), "-o", "json")

    steps = json.loads(ended.stdout)["steps"]
    assert [each["action"] for each in steps if each["target"] == "keys:/configs/new"] == ["PutKey"]
    assert daemon.value("home", "/desired/configkey/new") is None
    assert daemon.value("unit", "/configs/new") is None
