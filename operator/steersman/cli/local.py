"""`steersman local`: everything on this machine."""

from pathlib import Path
from typing import Annotated

import typer


def local(
    state_dir: Annotated[Path, typer.Option(help="Where everything of it is kept.")] = Path(
        ".local"
    ),
    manifests: Annotated[
        bool, typer.Option("--manifests/--no-manifests", help="Apply the documents of the post.")
    ] = True,
    speed: Annotated[float, typer.Option(min=0.001, help="The cloud's clock to ours.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Of everything random in the cloud.")] = 1,
) -> None:
    """Run a local cloud and the daemon, supervised, until SIGTERM or SIGINT."""
    from steersman.local import run

    raise typer.Exit(run(state_dir, manifests=manifests, speed=speed, seed=seed))
