"""Documents drive the daemon: good ones are carried out, bad ones change nothing."""

from pathlib import Path

import pytest

from tests.scenarios.cloud import POST, LocalCloud, condition
from tests.scenarios.looking import until
from tests.scenarios.witness import HEAL_SECONDS, healing

pytestmark = [pytest.mark.scenario, pytest.mark.timeout(1800)]

OK, TIMED_OUT, NOT_FOUND, INVALID, UNREACHABLE, USAGE = 0, 3, 4, 5, 6, 64
CORE = "/desired/nodepool/core"
EXTRA = "/desired/configkey/extra"
NOBODY = "http://127.0.0.1:9"  # the discard port: nobody listens


def test_documents_that_say_the_same_are_unchanged_and_write_nothing(cloud: LocalCloud) -> None:
    with healing(cloud) as witness:
        assert {line.split()[1] for line in cloud.apply(POST)} == {"unchanged"}
    assert witness.steps() == []


def test_an_invalid_document_changes_nothing_and_get_says_why(cloud: LocalCloud) -> None:
    good = cloud.etcdctl("get", "--print-value-only", CORE)
    before = cloud.steersman("get", "nodepool/core")["spec"]
    with healing(cloud) as witness:
        cloud.etcdctl("put", CORE, given=good.replace("replicas:", "replicass:"))
        until(lambda: _rejected(cloud) != {}, HEAL_SECONDS, cloud.not_ready)
        until(lambda: "replicas?" in _refusal(cloud), HEAL_SECONDS, lambda: _refusal(cloud))
        assert cloud.steersman("get", "nodepool/core")["spec"] == before
        waiting = ("wait", "nodepool/core", "--for", "Ready", "--timeout", "1")
        assert cloud.run("steersman", *waiting).returncode == TIMED_OUT
    line = 1 + good.splitlines().index("  replicas: 3")
    (message,) = _rejected(cloud).values()
    assert f"{line}:" in message
    assert "replicass" in message
    assert "did you mean replicas?" in message
    assert witness.steps() == []
    cloud.etcdctl("put", CORE, given=good)
    until(lambda: _rejected(cloud) == {}, HEAL_SECONDS, cloud.not_ready)
    assert witness.writes() == []


def test_an_invalid_file_is_refused_before_anything_is_written(
    cloud: LocalCloud, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text((POST / "core.yaml").read_text().replace("machineType", "machinType"))
    before = cloud.revisions()[CORE]
    applied = cloud.run("steersman", "apply", "-f", str(bad))
    assert applied.returncode == INVALID
    assert "did you mean machineType?" in applied.stderr
    assert cloud.run("steersman", "validate", str(bad)).returncode == INVALID
    assert cloud.revisions()[CORE] == before


def test_commands_end_with_the_code_that_scripts_read(cloud: LocalCloud) -> None:
    until(lambda: cloud.steersman("plan")["steps"] == [], HEAL_SECONDS, cloud.not_ready)
    codes = {
        ("plan", "--detailed-exitcode"): OK,
        ("wait", "--all", "--timeout", "60"): OK,
        ("get", "nodepool/nothing"): NOT_FOUND,
        ("get", "--nonsense"): USAGE,
        ("plan", "--api", NOBODY): UNREACHABLE,
    }
    assert {words: cloud.run("steersman", *words).returncode for words in codes} == codes


def test_documents_of_the_unit_store_drive_the_daemon_too(cloud: LocalCloud) -> None:
    with healing(cloud) as witness:
        cloud.etcdctl2("set", EXTRA, "spec: {format: text, value: from the unit store}")
        until(lambda: "/configs/extra" in cloud.keys("/configs"), HEAL_SECONDS, witness.steps)
        until(lambda: witness.steps() != [], HEAL_SECONDS, witness.steps)
    assert cloud.etcdctl2("get", "/configs/extra") == "from the unit store\n"
    assert witness.steps() == ["PutKey keys:/configs/extra"]
    extra = cloud.steersman("get", "configkey/extra")
    assert extra["status"]["observedRevision"]["store"] == "unit"


def _refusal(cloud: LocalCloud) -> str:
    """Why the document of the pool is not accepted, by the status of the pool itself."""
    return str(condition(cloud.steersman("get", "nodepool/core"), "Accepted"))


def _rejected(cloud: LocalCloud) -> dict[str, str]:
    return {each["key"]: each["message"] for each in cloud.steersman("get")["rejected"]}
