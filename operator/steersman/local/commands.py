"""Commands that end by themselves: what a person would type beside the cloud."""

import asyncio
import shlex
from collections.abc import Mapping, Sequence

from steersman.local.surroundings import surroundings

COMMAND_SECONDS = 30.0


async def printed(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    timeout_seconds: float = COMMAND_SECONDS,
) -> str:
    """What it prints. OSError: it failed, or did not end in time. It never outlives the wait."""
    process = await asyncio.create_subprocess_exec(
        *command, env=surroundings(environment), stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(timeout_seconds):
            text, _ = await process.communicate()
    except TimeoutError as error:
        msg = f"{shlex.join(command)} did not end within {timeout_seconds:g} s"
        raise TimeoutError(msg) from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        msg = f"{shlex.join(command)} failed (exit {process.returncode})"
        raise ChildProcessError(msg)
    return text.decode()
