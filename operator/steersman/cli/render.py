"""`steersman render`: what documents in files come to, without any store."""

from pathlib import Path
from typing import Annotated

import typer

from steersman.cli.given import given_to


def render(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...")],
) -> None:
    """Print documents with all defaults, their templates filled in as far as can be known here."""
    from steersman.cli.work.rendering import show_rendered

    show_rendered(given_to(context), files)
