"""`steersman schema`: JSON Schemas of the documents, for editors."""

from pathlib import Path
from typing import Annotated

import typer

from steersman.cli.given import given_to


def schema(
    context: typer.Context,
    kind: Annotated[str | None, typer.Argument(metavar="[KIND]")] = None,
    write: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write KIND.schema.json for every kind.")
    ] = None,
) -> None:
    """Print the schema of a kind's documents, or write those of all kinds."""
    from steersman.cli.work.schemas import show_schema, write_schemas

    if write is not None:
        write_schemas(write)
    else:
        show_schema(given_to(context), kind)
