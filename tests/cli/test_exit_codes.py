"""What a script reads of a command's end."""

from pathlib import Path

import pytest

from tests.cli.support import NOBODY, Etcd, steersman

VALID = "kind: configkey\nmetadata: {name: a}\nspec: {value: x}\n"
INVALID = "kind: configkey\nmetadata: {name: a}\nspec: {vaule: x}\n"


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("valid.yaml").write_text(VALID)
    Path("invalid.yaml").write_text(INVALID)
    Path("empty").mkdir()


@pytest.mark.parametrize(
    ("command", "code"),
    [
        pytest.param("version", 0, id="done"),
        pytest.param("validate valid.yaml", 0, id="a valid file"),
        pytest.param("validate valid.yaml invalid.yaml", 5, id="an invalid document among files"),
        pytest.param("apply -f invalid.yaml", 5, id="an invalid document is not sent anywhere"),
        pytest.param("apply -f valid.yaml", 6, id="the store does not answer"),
        pytest.param("events", 6, id="no events without a store"),
        pytest.param("wait configkey/a --timeout 30", 6, id="a wait does not hide a dead store"),
        pytest.param("plan", 6, id="the daemon does not answer"),
        pytest.param("get", 6, id="neither the daemon nor the store answers"),
        pytest.param("frobnicate", 64, id="no such command"),
        pytest.param("get --frobnicate", 64, id="no such option"),
        pytest.param("get -o jsn", 64, id="no such output"),
        pytest.param("get frobs", 64, id="no such kind"),
        pytest.param("get nodepool/NO_NAME", 64, id="what can be no name"),
        pytest.param("describe", 64, id="an argument is missing"),
        pytest.param("wait nodepool/core/core1", 64, id="a member is no resource"),
        pytest.param("delete unit/x@1", 64, id="nor is a unit's instance"),
        pytest.param("events --since soon", 64, id="no duration"),
        pytest.param("wait", 64, id="a wait for nothing"),
        pytest.param("wait unit/a --all", 64, id="a wait for one and for all"),
        pytest.param("wait unit/a --for =True", 64, id="no condition"),
        pytest.param("validate nothing.yaml", 64, id="no such file"),
        pytest.param("validate empty", 64, id="a directory without documents"),
        pytest.param("apply -f valid.yaml --store unit", 64, id="a store that nobody named"),
        pytest.param("apply -f valid.yaml --home nonsense", 64, id="a URL that names no store"),
        pytest.param("plan --api nonsense", 64, id="a URL that names no daemon"),
        pytest.param("schema", 64, id="a schema of nothing"),
        pytest.param("run", 64, id="the daemon needs an owner"),
        pytest.param("run --owner me --home nonsense", 64, id="a home that is no store"),
    ],
)
def test_exit_codes(command: str, code: int) -> None:
    ended = steersman(*command.split())
    assert ended.code == code, ended.err
    assert bool(ended.err) == (code not in (0, 5) or command.startswith("apply"))


UNREACHABLE = [
    "get",
    "plan",
    "events",
    "apply -f valid.yaml",
    f"apply -f valid.yaml --store unit --unit-store etcd2://{NOBODY}",
]


@pytest.mark.parametrize("command", UNREACHABLE)
def test_what_is_unreachable_is_named_by_its_address_and_told_in_words(command: str) -> None:
    told = steersman(*command.split()).err.splitlines()[-1]
    assert NOBODY in told
    assert "ConnectionKey(" not in told


@pytest.mark.parametrize("command", ["get", "apply -f valid.yaml --store unit", "wait --all"])
def test_a_store_that_answers_is_not_said_to_be_silent_for_another(
    etcd: Etcd, command: str
) -> None:
    stores = ("--home", f"etcd3://{NOBODY}", "--unit-store", etcd.unit)
    ended = steersman(*command.split(), *stores)
    both = f"one of the stores etcd3://{NOBODY}, {etcd.unit}"
    assert ended.code == 6
    assert ended.err.splitlines()[-1].startswith(f"steersman: {both} does not answer: {NOBODY}/")
