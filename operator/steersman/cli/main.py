"""steersman keeps machines, units and clusters as the documents in etcd ask for."""

from typing import Annotated

import typer

from steersman.cli import (
    acknowledge,
    apply,
    approve,
    delete,
    events,
    explain,
    get,
    local,
    pause,
    plan,
    render,
    restart,
    retry,
    run,
    schema,
    validate,
    version,
    wait,
    why,
)
from steersman.cli.commands import Commands
from steersman.cli.given import API_URL, HOME_URL, Given, Output

HELP = f"{__doc__}\n\nThe options below stand before or after the command."

app = typer.Typer(cls=Commands, no_args_is_help=True, add_completion=False, help=HELP)


@app.callback()
def root(
    context: typer.Context,
    output: Annotated[
        Output, typer.Option("-o", "--output", help="How answers look.")
    ] = Output.TABLE,
    home: Annotated[
        str, typer.Option(envvar="STEERSMAN_HOME_STORE", help="The store of the documents.")
    ] = HOME_URL,
    unit_store: Annotated[
        str | None, typer.Option(envvar="STEERSMAN_UNIT_STORE", help="The etcd v2 of the fleet.")
    ] = None,
    api: Annotated[
        str, typer.Option(envvar="STEERSMAN_API", help="Where the daemon answers.")
    ] = API_URL,
    no_color: Annotated[bool, typer.Option("--no-color", help="As NO_COLOR does.")] = False,
) -> None:
    context.obj = Given(home, unit_store or None, api, output, not no_color)


app.command()(version.version)
app.command(context_settings=run.ANY_SETTING)(run.run)
app.command()(local.local)
app.command()(apply.apply)
app.command()(delete.delete)
app.command()(get.get)
app.command()(get.describe)
app.command()(plan.plan)
app.command()(why.why)
app.command()(pause.pause)
app.command()(pause.resume)
app.command()(approve.approve)
app.command()(restart.restart)
app.command()(retry.retry)
app.command()(acknowledge.acknowledge)
app.command()(events.events)
app.command()(wait.wait)
app.command()(validate.validate)
app.command()(render.render)
app.command()(explain.explain)
app.command()(schema.schema)


def main() -> None:
    app()
