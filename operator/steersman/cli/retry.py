"""`steersman retry`: what failed need not wait."""

from typing import Annotated

import typer

from steersman.cli.given import given_to


def retry(
    context: typer.Context,
    ref: Annotated[str, typer.Argument(metavar="REF", help="A resource or a member.")],
    reason: Annotated[str, typer.Option(help="Why, for others to read.")] = "",
) -> None:
    """Try now, once, what waits because it failed."""
    from steersman.cli.work.requesting import request

    request(given_to(context), "retry", ref, reason)
