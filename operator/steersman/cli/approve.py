"""`steersman approve`: let steps run that wait for a person."""

from typing import Annotated

import typer

from steersman.cli.given import given_to


def approve(
    context: typer.Context,
    ref: Annotated[str, typer.Argument(metavar="REF")],
    digest: Annotated[
        str | None,
        typer.Argument(metavar="[DIGEST]", help="Of one step, as `plan` and `why` show it."),
    ] = None,
    reason: Annotated[str, typer.Option(help="Why, for others to read.")] = "",
) -> None:
    """Approve one step, or, without a digest, all that wait for approval there now."""
    from steersman.cli.work.requesting import request_approval

    request_approval(given_to(context), ref, digest, reason)
