"""`steersman apply`: documents of files into a store."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from steersman.cli.given import given_to


class Role(StrEnum):
    HOME = "home"
    UNIT = "unit"


def apply(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Option("-f", "--file", help="A file, a directory, or - for standard input."),
    ],
    store: Annotated[Role, typer.Option(help="The store to write to.")] = Role.HOME,
) -> None:
    """Write documents, all of them valid, or none."""
    from steersman.cli.work.applying import apply_files

    apply_files(given_to(context), files, store)
