"""The plan of the daemon, shown."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from steersman.cli.given import Given, Output
from steersman.cli.show.plain import print_data
from steersman.cli.show.plan import plan_header, plan_table
from steersman.cli.show.terminal import Terminal
from steersman.cli.work.files import Document, read_valid
from steersman.cli.work.sources import API, daemon
from steersman.model.document import DocumentError, Problem
from steersman.model.views import JSON


def show_plan(given: Given, files: Sequence[Path] = ()) -> int:
    """How many steps it has. DocumentError: what is in the files would not be accepted."""
    documents = [_whole(each) for file in read_valid(files) for each in file.documents]
    plan = asyncio.run(_plan(given, documents))
    rejected = [Problem(each["message"], each["key"]) for each in plan.get("rejected", ())]
    if rejected:
        raise DocumentError(*rejected)
    if given.output in (Output.JSON, Output.YAML):
        print_data(plan, given.output)
    elif given.output is Output.NAME:
        for step in plan["steps"]:
            print(f"{step['kind']}/{step['name']} {step['action']} {step['target']}")
    else:
        _print_table(given, plan)
    return len(plan["steps"])


async def _plan(given: Given, documents: Sequence[JSON]) -> JSON:
    path = f"{API}/plan"
    async with daemon(given) as client:
        asked = client.post(path, {"documents": documents}) if documents else client.get(path)
        plan: JSON = await asked
    return plan


def _whole(document: Document) -> JSON:
    """With all that its key says."""
    metadata = {**document.data["metadata"], "name": document.key.name}
    return {**document.data, "kind": document.key.kind, "metadata": metadata}


def _print_table(given: Given, plan: JSON) -> None:
    terminal, now = Terminal(given), datetime.now(UTC)
    terminal.line(plan_header(plan, now))
    if plan["steps"]:
        terminal.table(plan_table(plan, given.output, now))
