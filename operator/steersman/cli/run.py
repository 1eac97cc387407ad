"""`steersman run`: the daemon."""

from typing import Annotated

import typer

from steersman.cli.given import given_to

ANY_SETTING = {"allow_extra_args": True, "ignore_unknown_options": True}


def run(
    context: typer.Context,
    mode: Annotated[
        str | None, typer.Option(help="act, or observe: decide everything, write nothing.")
    ] = None,
    owner: Annotated[
        str | None, typer.Option(help="Whose fleet this is: a Compute Engine label value.")
    ] = None,
) -> None:
    """Run the daemon in the foreground, until SIGTERM or SIGINT.

    Every setting is a flag, too, which wins over the environment: STEERSMAN_FLEET is --fleet,
    STEERSMAN_COMPUTE_INTERVAL_SECONDS is --compute-interval-seconds. docs/SETTINGS.md has them all.
    """
    from steersman.cli.work.daemon import run_daemon

    given = given_to(context)
    flags = {"mode": mode, "owner": owner, "home_store": given.home, "unit_store": given.unit_store}
    run_daemon({name: value for name, value in flags.items() if value is not None}, context.args)
