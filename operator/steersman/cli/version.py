"""`steersman version`: which release this is."""

import typer

from steersman import __version__
from steersman.cli.given import Output, given_to


def version(context: typer.Context) -> None:
    """Print the version."""
    output = given_to(context).output
    if output in (Output.JSON, Output.YAML):
        from steersman.cli.show.plain import print_data

        print_data({"version": __version__}, output)
    else:
        print(f"steersman {__version__}")
