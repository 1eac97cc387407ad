"""`steersman plan`: what the daemon would do now."""

from pathlib import Path
from typing import Annotated

import typer

from steersman.cli.exits import ExitCode
from steersman.cli.given import given_to


def plan(
    context: typer.Context,
    files: Annotated[
        list[Path] | None,
        typer.Option("-f", "--file", help="As if these were applied: a file, a directory, or -."),
    ] = None,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit 2 when there are steps.")
    ] = False,
) -> None:
    """Show the steps that are planned, and what each waits for."""
    from steersman.cli.work.planning import show_plan

    steps = show_plan(given_to(context), files or [])
    if steps and detailed_exitcode:
        raise typer.Exit(ExitCode.CHANGES)
