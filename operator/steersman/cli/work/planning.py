"""The plan of the daemon, shown."""

import asyncio
from datetime import UTC, datetime

from steersman.cli.given import Given, Output
from steersman.cli.show.plain import print_data
from steersman.cli.show.plan import plan_header, plan_table
from steersman.cli.show.terminal import Terminal
from steersman.cli.work.sources import API, daemon
from steersman.model.views import JSON


def show_plan(given: Given) -> int:
    """How many steps it has."""
    plan = asyncio.run(_plan(given))
    if given.output in (Output.JSON, Output.YAML):
        print_data(plan, given.output)
    elif given.output is Output.NAME:
        for step in plan["steps"]:
            print(f"{step['kind']}/{step['name']} {step['action']} {step['target']}")
    else:
        _print_table(given, plan)
    return len(plan["steps"])


async def _plan(given: Given) -> JSON:
    async with daemon(given) as client:
        plan: JSON = await client.get(f"{API}/plan")
    return plan


def _print_table(given: Given, plan: JSON) -> None:
    terminal, now = Terminal(given), datetime.now(UTC)
    terminal.line(plan_header(plan, now))
    if plan["steps"]:
        terminal.table(plan_table(plan, given.output, now))
