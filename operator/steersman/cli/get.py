"""`steersman get` and `steersman describe`: what is wanted, what is there, what waits."""

from typing import Annotated

import typer

from steersman.cli.given import given_to


def get(
    context: typer.Context,
    what: Annotated[str | None, typer.Argument(metavar="[KIND[/NAME[/MEMBER]]]")] = None,
    unmanaged: Annotated[
        bool, typer.Option("--unmanaged", help="What is there, and no document speaks of.")
    ] = False,
) -> None:
    """Show all resources, those of a kind, one, or a member of one (nodepool/core/core2,
    unit/x@1)."""
    from steersman.cli.work.getting import show_resources, show_unmanaged

    if unmanaged:
        show_unmanaged(given_to(context), what)
    else:
        show_resources(given_to(context), what)


def describe(context: typer.Context, ref: Annotated[str, typer.Argument(metavar="REF")]) -> None:
    """Show everything about one resource, or about a member of one."""
    from steersman.cli.work.getting import show_description

    show_description(given_to(context), ref)
