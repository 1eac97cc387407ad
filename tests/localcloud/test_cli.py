"""The command as people type it: a process for the cloud, and others that talk to it."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from localcloud.cli import app
from localcloud.fault import Fault
from localcloud.faults import FAULTS
from tests.localcloud.command import Cloud, environment, run, stop
from tests.support.etcd import EtcdServer


def helped(*arguments: str) -> str:
    return CliRunner(env={"COLUMNS": "250"}).invoke(app, ["fault", *arguments]).stdout


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory, etcd_server: EtcdServer) -> Iterator[Cloud]:
    cloud = Cloud(tmp_path_factory.mktemp("cloud"), f"http://{etcd_server.endpoint}")
    process = cloud.start()
    yield cloud
    stop(process, signal.SIGKILL)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_serve_ends_cleanly_on(
    tmp_path: Path, etcd_server: EtcdServer, how: signal.Signals
) -> None:
    process = Cloud(tmp_path, f"http://{etcd_server.endpoint}").start()
    assert stop(process, how) == 0
    assert (tmp_path / "state.json").exists()


def test_a_state_directory_is_that_of_one_cloud(tmp_path: Path, etcd_server: EtcdServer) -> None:
    etcd_url = f"http://{etcd_server.endpoint}"
    process = Cloud(tmp_path, etcd_url).start()
    second = run(*Cloud(tmp_path, etcd_url).serve)
    assert stop(process, signal.SIGTERM) == 0
    assert (second.returncode, "another local cloud" in second.stderr) == (1, True)


def test_faults_and_the_journal_are_commands(cloud: Cloud) -> None:
    faults = [
        ("stockout", "--zone", "europe-west1-b", "--for", "5"),
        ("quota", "CPUS", "8"),
        ("rate-limit", "--for", "0.5"),
        ("lost-reply", "--next", "1"),
        ("burst-503", "--for", "0.5"),
        ("stale-list", "--for", "0.5"),
        ("clear",),
    ]
    for fault in faults:
        result = cloud.run("fault", *fault)
        assert (result.returncode, result.stderr) == (0, "")
    lines = [json.loads(line) for line in cloud.run("journal", "-o", "json").stdout.splitlines()]
    assert [line["action"] for line in lines] == [fault[0] for fault in faults]
    assert {"time", "system", "method", "target", "caller", "result"} <= lines[0].keys()
    assert "stockout" in cloud.run("journal").stdout


def test_no_proxy_of_the_shell_is_asked(cloud: Cloud) -> None:
    result = cloud.run("state", http_proxy="http://127.0.0.1:1")
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.word)
def test_a_fault_tells_what_it_does_and_takes(fault: Fault[object]) -> None:
    shown = " ".join(helped(fault.word, "--help").replace("│", " ").split())
    assert fault.help in shown
    for parameter in fault.parameters:
        assert (parameter.option or parameter.field) in shown
        assert parameter.help in shown


def test_every_fault_is_listed() -> None:
    listed = helped("--help")
    assert all(f"│ {word} " in listed for word in FAULTS)


def test_the_commands_load_no_model() -> None:
    code = (
        "import sys; from localcloud.cli import app;"
        "print({'aiohttp', 'pydantic', 'localcloud.cloud'} & sys.modules.keys())"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment()
    )
    assert shown.stdout == "set()\n"


def test_the_state_is_json_or_tables(cloud: Cloud) -> None:
    state = json.loads(cloud.run("state", "-o", "json").stdout)
    assert state.keys() == {
        *("time", "instances", "disks", "addresses", "firewalls"),
        *("machines", "units", "nodes", "faults"),
    }
    assert "default-allow-ssh" in state["firewalls"]
    assert "STATUS" in cloud.run("state").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("node-crash", "core9"),
        ("node-hang", "core9"),
        ("preempt", "core9"),
        ("instance-delete", "core9"),
        ("unit-crash", "x.service"),
        ("unit-stop", "x.service"),
        ("fleet-absent", "x.service", "--for", "5"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_an_unknown_name_is_exit_4_for(cloud: Cloud, arguments: tuple[str, ...]) -> None:
    result = cloud.run("fault", *arguments)
    assert result.returncode == 4
    assert arguments[1] in result.stderr


def test_a_wrong_value_is_a_usage_error(cloud: Cloud) -> None:
    result = cloud.run("fault", "quota", "LUCK", "5")
    assert (result.returncode, "LUCK" in result.stderr) == (64, True)


def test_the_state_tells_which_faults_are_on(cloud: Cloud) -> None:
    assert cloud.run("fault", "lost-reply", "--next", "3").returncode == 0
    faults = json.loads(cloud.run("state", "-o", "json").stdout)["faults"]
    assert {"fault": "lost-reply", "of": "", "until": None, "left": 3} in faults
    assert "lost-reply" in cloud.run("state").stdout
    assert cloud.run("fault", "clear").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(("state",), 6, id="a cloud that does not answer is exit 6"),
        pytest.param(("fault", "clear"), 6, id="also for a fault"),
        pytest.param(("fault", "earthquake"), 64, id="an unknown fault is a usage error"),
        pytest.param(("fault", "rate-limit"), 64, id="a missing option is a usage error"),
        pytest.param(
            ("serve", "--state-dir", "x", "--network", "10.0.0.0/16"),
            64,
            id="a network beyond loopback is a usage error",
        ),
        pytest.param(
            ("serve", "--state-dir", "x", "--es-version", "5.6.16"),
            64,
            id="a version that is not simulated is a usage error",
        ),
        pytest.param(("version",), 0, id="the version needs no cloud"),
    ],
)
def test_the_exit_code_without_a_cloud(arguments: tuple[str, ...], code: int) -> None:
    result = run(*arguments)
    assert result.returncode == code
    assert bool(result.stderr) is (code != 0)
