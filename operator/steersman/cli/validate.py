"""`steersman validate`: documents in files, without any store."""

from pathlib import Path
from typing import Annotated

import typer

from steersman.cli.exits import ExitCode
from steersman.cli.given import given_to


def validate(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...")],
) -> None:
    """Tell everything that is wrong with the documents of files."""
    from steersman.cli.work.validating import show_problems

    problems = show_problems(given_to(context), files)
    if problems:
        raise typer.Exit(ExitCode.INVALID_DOCUMENT)
