"""Children: the processes of a local cloud; a dead one is started again, all end with us."""

import asyncio
import ctypes
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from steersman.local.surroundings import surroundings

RESTART_SECONDS = 0.5  # between a death and the next start; doubled while it keeps dying
RESTART_SECONDS_MAX = 10.0
SETTLED_SECONDS = 30.0  # a child that lived so long starts again at once
PR_SET_PDEATHSIG = 1
LAST_WORDS_BYTES = 800

log = structlog.get_logger()
_libc = ctypes.CDLL(None)


@dataclass(frozen=True, slots=True)
class Child:
    """`stop_seconds` is what it gets between SIGTERM and SIGKILL."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log_file: Path
    stop_seconds: float


class Supervisor:
    """Keeps one child alive. `started` hears of each process id."""

    def __init__(self, child: Child, started: Callable[[str, int], None]) -> None:
        self._child, self._started = child, started
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """OSError: the program cannot be run."""
        child = self._child
        child.log_file.parent.mkdir(parents=True, exist_ok=True)
        with child.log_file.open("ab") as log_to:
            self._process = await asyncio.create_subprocess_exec(
                *child.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log_to,
                stderr=log_to,
                env=surroundings(child.environment),
                start_new_session=True,  # Ctrl-C is ours to pass on, in order
                preexec_fn=_die_with_parent,
            )
        self._started(child.name, self._process.pid)

    @property
    def ended(self) -> bool:
        return self._process is not None and self._process.returncode is not None

    def last_words(self) -> str:
        """The end of the child's log."""
        with self._child.log_file.open("rb") as log_file:
            log_file.seek(-min(LAST_WORDS_BYTES, log_file.seek(0, os.SEEK_END)), os.SEEK_END)
            return log_file.read().decode(errors="replace").strip()

    @property
    def name(self) -> str:
        return self._child.name

    async def keep(self) -> None:
        """Start it again whenever it ends; until cancelled."""
        loop, pause = asyncio.get_running_loop(), RESTART_SECONDS
        while self._process is not None:
            born = loop.time()
            code = await self._process.wait()
            lived = loop.time() - born
            pause = (
                RESTART_SECONDS if lived > SETTLED_SECONDS else min(pause * 2, RESTART_SECONDS_MAX)
            )
            log.warning("child ended", child=self._child.name, code=code, restart_in=pause)
            await asyncio.sleep(pause)
            await self.start()

    async def stop(self) -> None:
        """SIGTERM, a while, SIGKILL; returns when it is gone."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            async with asyncio.timeout(self._child.stop_seconds):
                await self._process.wait()
        except TimeoutError:
            log.warning("child killed", child=self._child.name)
            self._process.kill()
            await self._process.wait()


def _die_with_parent() -> None:
    """Linux: a child gets SIGTERM when we die without having stopped it."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
