"""`steersman get` and `steersman describe`: what is wanted, what is there, what waits."""

from typing import Annotated

import typer

from steersman.cli.given import given_to


def get(
    context: typer.Context,
    what: Annotated[str | None, typer.Argument(metavar="[KIND[/NAME]]")] = None,
) -> None:
    """Show all resources, those of a kind, or one."""
    from steersman.cli.work.getting import show_resources

    show_resources(given_to(context), what)


def describe(context: typer.Context, ref: Annotated[str, typer.Argument(metavar="REF")]) -> None:
    """Show everything about one resource."""
    from steersman.cli.work.getting import show_description

    show_description(given_to(context), ref)
