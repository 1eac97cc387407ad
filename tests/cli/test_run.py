"""The daemon as a command: its settings, and how it ends."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from steersman.cli.exits import UsageError
from steersman.cli.work.daemon import run_daemon, settings_from
from steersman.model.errors import SteersmanError
from tests.cli.support import Etcd, steersman
from tests.support.etcd import free_ports

DEADLINE_SECONDS = 90
REQUEST_SECONDS = 10
POLL_SECONDS = 0.1


def test_flags_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEERSMAN_OWNER", "theirs")
    monkeypatch.setenv("STEERSMAN_WORKERS", "3")
    settings = settings_from({"owner": "mine"})
    assert (settings.owner, settings.workers) == ("mine", 3)


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        pytest.param({}, r"STEERSMAN_OWNER \(--owner\)", id="none"),
        pytest.param({"owner": "A B"}, r"STEERSMAN_OWNER \(--owner\)", id="no label"),
        pytest.param({"owner": "me", "mode": "look"}, r"STEERSMAN_MODE \(--mode\)", id="no mode"),
        pytest.param({"owner": "me", "approval": "unit=maybe"}, "'maybe'", id="no policy"),
        pytest.param({"owner": "me", "workers": "0"}, r"\(--workers\)", id="out of range"),
        pytest.param(
            {"owner": "me", "calls_per_system": "8"},
            r"CALLS_PER_SYSTEM \(8\) has to be less than STEERSMAN_WORKERS \(8\)",
            id="all workers in one system",
        ),
    ],
)
def test_a_bad_setting_is_refused_by_name(flags: dict[str, str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        settings_from(flags)


@pytest.mark.parametrize(
    ("given", "room"),
    [
        pytest.param({}, 3, id="two systems may hang"),
        pytest.param({"workers": "2"}, 1, id="one may"),
        pytest.param({"workers": "1"}, 1, id="there is nobody to spare"),
        pytest.param({"calls_per_system": "5"}, 5, id="as it is set"),
    ],
)
def test_so_many_workers_may_be_in_one_system(given: dict[str, str], room: int) -> None:
    assert settings_from({"owner": "me", **given}).room == room


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        pytest.param(["--wrokers", "3"], "did you mean --workers", id="no such setting"),
        pytest.param(["workers"], "no such setting", id="no flag"),
        pytest.param(["--workers"], "--workers needs a value", id="no value"),
        pytest.param(["--workers=x"], r"\(--workers\)", id="no number"),
    ],
)
def test_every_setting_is_a_flag(flags: list[str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        run_daemon({"owner": "me"}, flags)


LEASES = [
    pytest.param(
        {"lease_seconds": "5", "renew_deadline_seconds": "60"},
        "STEERSMAN_RENEW_DEADLINE_SECONDS (60) + STEERSMAN_LEASE_MARGIN_SECONDS (1)"
        " has to be less than STEERSMAN_LEASE_SECONDS (5)",
        id="who leads would believe so after the end of the lease",
    ),
    pytest.param(
        {"lease_retry_seconds": "10"},
        "STEERSMAN_LEASE_RETRY_SECONDS (10)"
        " has to be less than STEERSMAN_RENEW_DEADLINE_SECONDS (10)",
        id="the lease would never be renewed",
    ),
    pytest.param(
        {"call_least_seconds": "20"},
        "STEERSMAN_CALL_LEAST_SECONDS (20) has to be less than STEERSMAN_CALL_TIMEOUT_SECONDS (8)",
        id="no call would ever have the time that it needs",
    ),
    pytest.param(
        {"call_least_seconds": "12", "call_timeout_seconds": "13"},
        "STEERSMAN_CALL_LEAST_SECONDS (12) + STEERSMAN_LEASE_RETRY_SECONDS (2)"
        " + STEERSMAN_LEASE_MARGIN_SECONDS (1) has to be less than STEERSMAN_LEASE_SECONDS (15)",
        id="no lease would ever leave it",
    ),
]


@pytest.mark.parametrize(("flags", "told"), LEASES)
def test_a_lease_that_could_not_be_held_is_refused(flags: dict[str, str], told: str) -> None:
    with pytest.raises(UsageError, match=re.escape(told)):
        settings_from({"owner": "me", **flags})


def test_approval_may_be_asked_for_by_kind() -> None:
    settings = settings_from({"owner": "me", "approval": "auto-safe, unit=ask"})
    assert settings.approvals == {"": "auto-safe", "unit": "ask"}


def test_a_policy_for_a_kind_that_there_is_not_is_refused() -> None:
    with pytest.raises(SteersmanError, match="'units' is no kind"):
        run_daemon({"owner": "me"}, ["--approval", "units=ask"])


def test_a_home_of_somebody_else_is_refused_in_one_line(etcd: Etcd) -> None:
    etcd.put("/steersman/schema", {"version": 1, "owner": "them"})
    ended = steersman("run", "--owner", "me", "--listen", f"127.0.0.1:{free_ports(1)[0]}")
    assert ended.code == 1
    assert ended.err.splitlines()[-1].startswith("steersman: this home belongs to the owner 'them'")


def test_an_address_that_is_taken_is_told_in_one_line(etcd: Etcd) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = steersman("run", "--owner", "me", "--listen", listen)
    assert ended.code == 1
    assert "address already in use" in ended.err.splitlines()[-1]
    assert "Traceback" not in ended.err


def test_the_daemon_ends_well_when_it_is_told_to(etcd: Etcd) -> None:
    listen = f"127.0.0.1:{free_ports(1)[0]}"
    operator = Path(__file__).parents[2] / "operator"
    process = subprocess.Popen(
        [sys.executable, "-m", "steersman", "run", "--owner", "me", "--listen", listen],
        env={**os.environ, "PYTHONPATH": str(operator), "STEERSMAN_HOME_STORE": etcd.home},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _until_it_answers(process, f"http://{listen}/healthz")
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE_SECONDS) == 0
    finally:
        process.kill()
        process.wait(DEADLINE_SECONDS)
    assert etcd.value("/steersman/leader") is None


def _until_it_answers(process: "subprocess.Popen[bytes]", url: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the daemon ended by itself"
        try:
            with urllib.request.urlopen(url, timeout=REQUEST_SECONDS):
                return
        except OSError:
            time.sleep(POLL_SECONDS)
    raise AssertionError("the daemon does not answer")
