"""`steersman events`: what happened."""

from typing import Annotated

import typer

from steersman.cli.given import given_to


def events(
    context: typer.Context,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until stopped.")] = False,
    since: Annotated[
        str | None, typer.Option(metavar="DURATION", help="Not older than: 30s, 10m, 2h, 1d.")
    ] = None,
    ref: Annotated[
        str | None, typer.Option("--for", metavar="REF", help="Of one resource, or one member.")
    ] = None,
) -> None:
    """Show events, oldest first; as JSON, one object a line."""
    from steersman.cli.work.following import show_events

    show_events(given_to(context), follow=follow, since=since, ref=ref)
