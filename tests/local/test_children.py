"""Children: a dead one is started again, a stubborn one is killed, none outlives us."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from steersman.local.children import Child, Supervisor

DEADLINE_SECONDS = 60.0
SLEEPER = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPER}"


def child(log_file: Path, program: str, stop_seconds: float = 5) -> Child:
    return Child("child", [sys.executable, "-c", program], {}, log_file, stop_seconds)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not condition():  # noqa: ASYNC110 -- no event tells of another process
            await asyncio.sleep(0.02)


def alive(pid: int) -> bool:
    """A zombie is dead, whether or not whoever inherited it takes notice."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


async def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    pids: list[int] = []
    supervisor = Supervisor(child(tmp_path / "log", SLEEPER), lambda _, pid: pids.append(pid))
    await supervisor.start()
    keeping = asyncio.create_task(supervisor.keep())
    os.kill(pids[0], signal.SIGKILL)
    await until(lambda: len(pids) == 2)
    assert alive(pids[1])
    keeping.cancel()
    await asyncio.wait({keeping})
    await supervisor.stop()
    assert not alive(pids[1])


@pytest.mark.parametrize(
    ("variable", "seen"),
    [
        ("STEERSMAN_HOME_STORE_CA", None),
        ("STEERSMAN_UNIT_STORE_PASSWORD_FILE", None),
        ("STEERSMAN_STORE_TIMEOUT_SECONDS", "other"),
        ("STEERSMAN_MODE", "other"),
        ("STEERSMAN_FLEET", "own"),
        ("ETCD_DISCOVERY", None),
        ("ETCD_UNSUPPORTED_ARCH", "other"),
        ("ETCDCTL_CERT", None),
        ("GOOGLE_APPLICATION_CREDENTIALS", None),
        ("HTTPS_PROXY", None),
        ("http_proxy", None),
        ("LANG", "other"),
    ],
)
async def test_a_child_is_not_led_to_the_systems_of_another_fleet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, seen: str | None
) -> None:
    monkeypatch.setenv(variable, "other")
    log_file = tmp_path / "log"
    program = f"import os; print(os.environ.get({variable!r}), flush=True)"
    told = replace(child(log_file, program), environment={"STEERSMAN_FLEET": "own"})
    supervisor = Supervisor(told, lambda _name, _pid: None)
    await supervisor.start()
    await until(lambda: log_file.read_text().endswith("\n"))
    await supervisor.stop()
    assert log_file.read_text() == f"{seen}\n"


async def test_a_child_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    pids: list[int] = []
    log_file = tmp_path / "logs" / "child.log"
    stubborn = child(log_file, STUBBORN, stop_seconds=0.2)
    supervisor = Supervisor(stubborn, lambda _, pid: pids.append(pid))
    await supervisor.start()
    await until(lambda: "up" in log_file.read_text())
    await supervisor.stop()
    assert not alive(pids[0])


async def test_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    parent = f"""
import asyncio, pathlib, sys
from steersman.local.children import Child, Supervisor
async def main():
    child = Child("child", [sys.executable, "-c", {SLEEPER!r}], {{}}, pathlib.Path("log"), 5)
    await Supervisor(child, lambda _, pid: print(pid, flush=True)).start()
    await asyncio.sleep(600)
asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", parent), cwd=tmp_path, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(DEADLINE_SECONDS):
        pid = int(await process.stdout.readline())
    process.kill()
    await process.wait()
    await until(lambda: not alive(pid))
