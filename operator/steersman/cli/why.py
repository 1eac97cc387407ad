"""`steersman why`: what holds a resource, until when, and what to do about it."""

from typing import Annotated

import typer

from steersman.cli.given import given_to


def why(
    context: typer.Context,
    ref: Annotated[str, typer.Argument(metavar="REF")],
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Every gate of every step.")
    ] = False,
) -> None:
    """Tell the one gate that blocks each step, its cure and its time."""
    from steersman.cli.work.explaining import show_why

    show_why(given_to(context), ref, verbose=verbose)
