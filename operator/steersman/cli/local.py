"""`steersman local`: everything on this machine."""

from pathlib import Path
from typing import Annotated

import typer

Version = Annotated[str, typer.Option(help="As `localcloud serve --help` tells.")]


def local(
    state_dir: Annotated[Path, typer.Option(help="Where everything of it is kept.")] = Path(
        ".local"
    ),
    manifests: Annotated[
        bool,
        typer.Option(
            "--manifests/--no-manifests",
            help="Apply the documents of the post, where there is no document yet.",
        ),
    ] = True,
    speed: Annotated[float, typer.Option(min=0.001, help="The cloud's clock to ours.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Of everything random in the cloud.")] = 1,
    fleet_version: Version = "1.0",
    es_version: Version = "",
) -> None:
    """Run a local cloud and the daemon, supervised, until SIGTERM or SIGINT."""
    from steersman.local import run

    cloud = {"speed": str(speed), "seed": str(seed), "fleet-version": fleet_version}
    if es_version:
        cloud["es-version"] = es_version
    raise typer.Exit(run(state_dir, manifests=manifests, cloud=cloud))
