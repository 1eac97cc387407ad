"""`steersman explain`: what a document may say, offline."""

from typing import Annotated

import typer

from steersman.cli.given import given_to


def explain(
    context: typer.Context,
    what: Annotated[str, typer.Argument(metavar="KIND[.FIELD...]")],
) -> None:
    """Explain a kind, or a field of its documents."""
    from steersman.cli.work.fields import explain as explain_field

    explain_field(given_to(context), what)
