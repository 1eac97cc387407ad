"""`steersman restart`: what runs is started anew, once."""

from typing import Annotated

import typer

from steersman.cli.given import given_to


def restart(
    context: typer.Context,
    ref: Annotated[str, typer.Argument(metavar="REF", help="unit/x, or one instance: unit/x@1.")],
    reason: Annotated[str, typer.Option(help="Why, for others to read.")] = "",
) -> None:
    """Restart a unit's instances, no more at once than its document allows."""
    from steersman.cli.work.requesting import request

    request(given_to(context), "restart", ref, reason)
