"""Why a resource is as it is: the daemon's steps for it, with what every gate says of them."""

import asyncio
from datetime import UTC, datetime

from steersman.cli.given import Given, Output
from steersman.cli.show.members import told_of
from steersman.cli.show.plain import print_data
from steersman.cli.show.terminal import Terminal
from steersman.cli.show.why import gates_block, reasons
from steersman.cli.work.absent import no_member
from steersman.cli.work.planned import steps_at
from steersman.cli.work.references import Reference, reference
from steersman.cli.work.sources import DaemonSource, daemon, existing
from steersman.model.views import JSON


def show_why(given: Given, ref: str, *, verbose: bool) -> None:
    """NotFoundError for what is not there, RefusedError for what was never accepted."""
    meant = reference(ref)
    steps, resource = asyncio.run(_ask(given, meant))
    if given.output in (Output.JSON, Output.YAML):
        print_data(steps, given.output)
    elif given.output is Output.NAME:
        for step in steps:
            print(f"{step['kind']}/{step['name']} {step['action']} {step['target']}")
    else:
        _print_text(given, meant, steps, resource, verbose=verbose)


async def _ask(given: Given, meant: Reference) -> tuple[list[JSON], JSON]:
    async with daemon(given) as client:
        resource = await existing(DaemonSource(client), Reference(meant.key))
        steps = await steps_at(client, meant)
    if not steps and not told_of(resource["status"], meant.member):
        raise no_member(meant.scope, resource["status"])
    return steps, resource


def _print_text(
    given: Given, meant: Reference, steps: list[JSON], resource: JSON, *, verbose: bool
) -> None:
    terminal, now = Terminal(given), datetime.now(UTC)
    waiting = resource["status"].get("waiting", ())
    planned = {step["target"] for step in steps}
    own = [
        each for each in waiting if each["target"] not in planned and meant.concerns(each["target"])
    ]
    for line in reasons(resource, steps, own, now):
        terminal.line(line)
    if verbose and steps:
        terminal.line("")
        terminal.blocks(gates_block(step, now) for step in steps)
