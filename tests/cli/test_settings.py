"""Settings that the daemon cannot run with: each is refused by its name."""

from pathlib import Path

import pytest

from tests.cli.support import steersman

NO_FILE = "/nowhere/at/all"
GARBAGE = "no certificate, no key\n"

BAD = [
    pytest.param("home_store", "etcd2://h:1", "expected etcd3://HOST:PORT", id="home over v2"),
    pytest.param("unit_store", "etcd3://h:1", "expected etcd2://HOST:PORT", id="fleet's over v3"),
    pytest.param("home_store", "nonsense", "expected etcd3://HOST:PORT", id="a word for home"),
    pytest.param("home_store", "etcd3://h:99999", "'h:99999' is not HOST:PORT", id="no port"),
    pytest.param("home_store_ca", NO_FILE, "No such file", id="a CA that is not there"),
    pytest.param("home_store_ca", "{garbage}", "", id="a CA that is none"),
    pytest.param("home_store_cert", "{garbage}", "", id="a certificate that is none"),
    pytest.param("unit_store_key", NO_FILE, "No such file", id="a key that is not there"),
    pytest.param("home_store_key", "{garbage}", "no certificate beside it", id="a lonely key"),
    pytest.param("home_store_password_file", "/", "Is a directory", id="a directory of passwords"),
    pytest.param("owner", "A B", "pattern", id="an owner that is no label"),
    pytest.param("mode", "look", "'act' or 'observe'", id="a mode that there is not"),
    pytest.param("approval", "unit=maybe", "none of auto, auto-safe, ask", id="no policy"),
    pytest.param("approval", "units=ask", "'units' is no kind; there are", id="no kind"),
    pytest.param("fleet", "fleet", "expected http://HOST:PORT or unix:///PATH", id="a word"),
    pytest.param("fleet", "http://h:99999", "expected http://HOST:PORT", id="fleet at no port"),
    pytest.param("fleet", "http://h:1,", "expected http://HOST:PORT", id="a comma at the end"),
    pytest.param("gce_endpoint", "ftp://h", "expected https://HOST", id="another protocol"),
    pytest.param("gce_credentials", NO_FILE, "No such file", id="no credentials there"),
    pytest.param("listen", "9110", "not of the form HOST:PORT", id="a port alone"),
    pytest.param("log_format", "xml", "'console' or 'json'", id="no format of logs"),
    pytest.param("workers", "0", "greater than or equal to 1", id="nobody who works"),
    pytest.param("workers", "9" * 5000, "as an integer", id="a number without end"),
    pytest.param("actions_per_hour", "many", "valid integer", id="a number in words"),
    pytest.param("lease_seconds", "nan", "valid integer", id="a lease of no length"),
    pytest.param("fleet_timeout_seconds", "nan", "less than or equal to", id="no length of time"),
    pytest.param("stop_grace_seconds", "inf", "less than or equal to", id="no end"),
]


@pytest.mark.parametrize(("setting", "value", "told"), BAD)
def test_a_setting_that_cannot_be_is_refused_by_name(
    setting: str, value: str, told: str, tmp_path: Path
) -> None:
    garbage = tmp_path / "garbage.pem"
    garbage.write_text(GARBAGE)
    given = {
        "owner": "me",
        "gce_project": "p",
        "unit_store": "etcd2://127.0.0.1:1",
        setting: value.format(garbage=garbage),
    }
    flags = [f"--{name.replace('_', '-')}={each}" for name, each in given.items()]

    ended = steersman("run", *flags)

    assert ended.code == 64
    line = ended.err.splitlines()[-1]
    assert f"STEERSMAN_{setting.upper()} (--{setting.replace('_', '-')}): " in line
    assert told in line


@pytest.mark.parametrize("url", ["etcd3://me:hunter2@h:1", "etcd2://me:hunter2@h:1,h:2"])
def test_a_password_in_an_address_is_not_told(url: str) -> None:
    ended = steersman("run", "--owner", "me", "--home-store", url)
    assert ended.code == 64
    assert "hunter2" not in ended.err


@pytest.mark.parametrize(
    "command",
    [
        pytest.param("get --home etcd2://127.0.0.1:1", id="home over v2"),
        pytest.param("get --unit-store etcd3://127.0.0.1:1", id="fleet's over v3"),
        pytest.param("events --home etcd2://127.0.0.1:1", id="the events of a home over v2"),
    ],
)
def test_a_command_does_not_take_one_store_for_the_other(command: str) -> None:
    ended = steersman(*command.split())
    assert ended.code == 64
    assert "cannot be the" in ended.err.splitlines()[-1]


def test_a_variable_that_is_empty_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UNIT_STORE", "FLEET", "HOME_STORE_CA", "WORKERS"):
        monkeypatch.setenv(f"STEERSMAN_{name}", "")
    assert "STEERSMAN_LISTEN" in steersman("run", "--owner", "me", "--listen", "x").err
    assert "WORKERS" not in steersman("run", "--owner", "me", "--listen", "x").err
