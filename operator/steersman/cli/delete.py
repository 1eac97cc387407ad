"""`steersman delete`: what a document stands for is taken down, and then the document."""

from typing import Annotated

import typer

from steersman.cli.given import given_to

DELETE_SECONDS = 900


def delete(
    context: typer.Context,
    ref: Annotated[str, typer.Argument(metavar="REF")],
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait for the end, and remove the document.")
    ] = True,
    release: Annotated[
        bool, typer.Option("--release", help="Remove the document only: nothing else is touched.")
    ] = False,
    timeout: Annotated[float, typer.Option(min=1.0, metavar="SECONDS")] = DELETE_SECONDS,
) -> None:
    """Take down everything of one resource, and remove its document."""
    from steersman.cli.work.deleting import delete as take_down

    take_down(given_to(context), ref, wait=wait, release=release, timeout_seconds=timeout)
