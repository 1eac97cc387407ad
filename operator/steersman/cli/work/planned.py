"""What the daemon plans, for whoever asks about it or approves it."""

from steersman.cli.exits import NotFoundError
from steersman.cli.given import Given
from steersman.cli.show.aside import aside
from steersman.cli.show.several import several
from steersman.cli.work.absent import NOTHING
from steersman.cli.work.references import Reference, reference
from steersman.cli.work.sources import API, DaemonSource, daemon, existing
from steersman.clients.daemon import DaemonClient
from steersman.model.errors import UnreachableError
from steersman.model.views import JSON


async def waiting_for_approval(given: Given, ref: str) -> list[str]:
    """The digests of those steps. NotFoundError: there are none."""
    steps = await _planned(given, reference(ref))
    found = [each["digest"] for each in steps if _asks(each)]
    if not found:
        msg = f"nothing of {ref} waits for approval"
        raise NotFoundError(msg)
    return found


async def refuse_unplanned(given: Given, ref: str, digest: str) -> None:
    """NotFoundError names the steps that are planned there. While no daemon answers, a word aside
    says that nobody knows."""
    try:
        steps = await _planned(given, reference(ref))
    except UnreachableError as error:
        aside(f"steersman: {error.message}; whether {digest} is planned is not known")
        return
    planned = [each["digest"] for each in steps]
    if digest not in planned:
        msg = f"no step {digest} is planned at {ref}; planned: {several(planned) or NOTHING}"
        raise NotFoundError(msg)


async def steps_at(client: DaemonClient, meant: Reference) -> list[JSON]:
    """What the daemon would do there, each with its gates."""
    steps = await client.get(f"{API}/why/{meant.key}") or ()
    return [each for each in steps if meant.concerns(each["target"])]


async def _planned(given: Given, meant: Reference) -> list[JSON]:
    """RefusedError, NotFoundError: of a resource that is not in force."""
    async with daemon(given) as client:
        await existing(DaemonSource(client), Reference(meant.key))
        return await steps_at(client, meant)


def _asks(step: JSON) -> bool:
    return any((gate["gate"], gate["result"]) == ("approval", "Wait") for gate in step["gates"])
