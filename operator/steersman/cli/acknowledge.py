"""`steersman acknowledge`: a person has looked at a hold."""

from typing import Annotated

import typer

from steersman.cli.given import given_to


def acknowledge(
    context: typer.Context,
    hold: Annotated[str, typer.Argument(metavar="HOLD", help="As `why` names it.")],
    reason: Annotated[str, typer.Option(help="Why, for others to read.")] = "",
) -> None:
    """Say that a hold was looked at, and that what it protects may go on."""
    from steersman.cli.work.requesting import acknowledge_hold

    acknowledge_hold(given_to(context), hold, reason)
