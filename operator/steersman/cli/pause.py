"""`steersman pause` and `resume`: hands off, and on again."""

from typing import Annotated

import typer

from steersman.cli.given import given_to

Ref = Annotated[
    str | None,
    typer.Argument(metavar="[REF]", help="A kind, a resource or a member: unit, unit/x, unit/x@1."),
]
Everything = Annotated[bool, typer.Option("--all", help="Everything.")]


def pause(
    context: typer.Context,
    ref: Ref = None,
    everything: Everything = False,
    reason: Annotated[str, typer.Option(help="Why, for others to read.")] = "",
    lasting: Annotated[
        str | None, typer.Option("--for", metavar="DURATION", help="30s, 10m, 2h, 1d.")
    ] = None,
) -> None:
    """Do nothing there until it is resumed. What is there is still watched and told of."""
    from steersman.cli.work.requesting import request_pause

    request_pause(given_to(context), ref=ref, everything=everything, reason=reason, lasting=lasting)


def resume(context: typer.Context, ref: Ref = None, everything: Everything = False) -> None:
    """Take back the pauses of exactly that reference."""
    from steersman.cli.work.requesting import take_back_pauses

    take_back_pauses(given_to(context), ref=ref, everything=everything)
