"""`steersman wait`: until the documents that are there now are carried out."""

from typing import Annotated

import typer

from steersman.cli.given import given_to

WAIT_SECONDS = 300


def wait(
    context: typer.Context,
    ref: Annotated[str | None, typer.Argument(metavar="[REF]")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every document.")] = False,
    condition: Annotated[
        str, typer.Option("--for", metavar="CONDITION[=VALUE]", help="Of its current version.")
    ] = "Ready",
    timeout: Annotated[float, typer.Option(min=1.0, metavar="SECONDS")] = WAIT_SECONDS,
) -> None:
    """Wait for a condition of one resource, or of all."""
    from steersman.cli.work.waiting import wait_for

    wait_for(
        given_to(context),
        ref=ref,
        everything=everything,
        condition=condition,
        timeout_seconds=timeout,
    )
