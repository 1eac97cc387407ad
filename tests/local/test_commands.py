"""Commands: they end, well or not, and none outlives whoever waits for it."""

import asyncio
import sys
from pathlib import Path

import pytest

from steersman.local.commands import printed
from tests.local.test_children import alive, until

STUCK = "import os, sys, time; open(sys.argv[1], 'w').write(f'{os.getpid()}.'); time.sleep(600)"


def python(program: str, *more: str) -> list[str]:
    return [sys.executable, "-c", program, *more]


async def test_what_a_command_prints_is_its_answer() -> None:
    program = "import os; print(os.environ['WHO'])"
    assert await printed(python(program), {"WHO": "ana"}) == "ana\n"


async def test_a_command_is_not_led_to_another_etcd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ETCDCTL_USER", "root:secret")
    program = "import os; print(os.environ.get('ETCDCTL_USER'))"
    assert await printed(python(program), {}) == "None\n"


async def test_a_command_that_fails_is_told_with_its_exit_code() -> None:
    with pytest.raises(OSError, match=r"sys\.exit.* failed \(exit 7\)"):
        await printed(python("import sys; sys.exit(7)"), {})


async def test_a_command_that_takes_too_long_is_told() -> None:
    with pytest.raises(OSError, match=r"did not end within 0\.1 s"):
        await printed(python("import time; time.sleep(600)"), {}, timeout_seconds=0.1)


async def test_a_command_ends_with_whoever_waits_for_it(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    waiting = asyncio.create_task(printed(python(STUCK, str(told)), {}))
    await until(lambda: told.exists() and told.read_text().endswith("."))
    waiting.cancel()
    await asyncio.wait({waiting})
    assert not alive(int(told.read_text().rstrip(".")))
