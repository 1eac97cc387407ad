"""The command: runs a local cloud, and talks to one that runs."""

import asyncio
import json
import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import version as package_version
from ipaddress import IPv4Network
from pathlib import Path
from typing import Annotated, Any

import typer

from localcloud.client import CloudUnreachableError, RefusedError, ask, inject
from localcloud.elasticsearch.node import DEFAULT_VERSION

EXIT_ERROR = 1
EXIT_NOT_FOUND = 4
EXIT_UNREACHABLE = 6
EXIT_USAGE = 64
_USAGE_OF_TYPER = 2
_LOOPBACK = IPv4Network("127.0.0.0/8")
_NAMED_FAULTS = {
    "node-crash": "The host of an instance dies, and the instance is TERMINATED.",
    "node-hang": "An instance stays RUNNING, but nothing on it answers.",
    "preempt": "An instance is taken away, as preemptible ones are.",
    "instance-delete": "Somebody else deletes an instance.",
    "unit-crash": "The main process of a unit is killed.",
    "unit-stop": "Somebody stops a unit with systemctl, by hand.",
}

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
fault = typer.Typer(no_args_is_help=True, help="Make something go wrong in the running cloud.")
app.add_typer(fault, name="fault")


class Output(StrEnum):
    TABLE = "table"
    JSON = "json"


class FleetVersion(StrEnum):
    V0_9 = "0.9"
    V0_13 = "0.13"
    V1_0 = "1.0"


OutputOption = Annotated[Output, typer.Option("-o", "--output")]
ForOption = Annotated[float, typer.Option("--for", min=0.001, help="Seconds, by its clock.")]


def main() -> None:
    try:
        app()
    except SystemExit as end:
        sys.exit(EXIT_USAGE if end.code == _USAGE_OF_TYPER else end.code)


@app.command()
def serve(
    state_dir: Annotated[Path, typer.Option(help="Where its state and journal are kept.")],
    etcd_url: str = "http://127.0.0.1:2379",
    gce_port: int = 9120,
    fleet_port: int = 9130,
    control_port: int = 9140,
    network: Annotated[str, typer.Option(help="Addresses of instances, in 127.0.0.0/8.")] = (
        "127.20.0.0/16"
    ),
    speed: Annotated[float, typer.Option(min=0.001, help="Its clock against the wall's.")] = 1.0,
    seed: int = 1,
    fleet_version: FleetVersion = FleetVersion.V1_0,
    es_version: Annotated[str, typer.Option(help="1.x, for images whose tag tells none.")] = (
        DEFAULT_VERSION
    ),
) -> None:
    """Run a cloud in the foreground, until SIGTERM or SIGINT."""
    from localcloud.server import Settings
    from localcloud.server import serve as serve_until_stopped

    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = Settings(
        state_dir=state_dir,
        etcd_url=etcd_url,
        gce_port=gce_port,
        fleet_port=fleet_port,
        control_port=control_port,
        network=_network(network),
        speed=speed,
        seed=seed,
        fleet_version=f"{fleet_version}.0",
        es_version=_es_version(es_version),
    )
    asyncio.run(serve_until_stopped(settings, lambda summary: typer.echo(f"ready: {summary}")))


@app.command()
def version() -> None:
    """Print the version of this command."""
    typer.echo(package_version("steersman"))


@app.command()
def journal(output: OutputOption = Output.TABLE) -> None:
    """Every write that the cloud received, oldest first."""
    with _exit_codes():
        text = ask("/v1/journal")
    if output is Output.JSON:
        typer.echo(text, nl=False)
        return
    entries = [json.loads(line) for line in text.splitlines()]
    columns = ("time", "system", "method", "action", "target", "result", "caller")
    _table(columns, [entry | {"time": _clock(entry["time"])} for entry in entries])


@app.command()
def state(output: OutputOption = Output.TABLE) -> None:
    """What exists in the cloud."""
    with _exit_codes():
        text = ask("/v1/state")
    if output is Output.JSON:
        typer.echo(text)
        return
    inventory = json.loads(text)
    _table(("name", "zone", "status", "ip", "machineId"), inventory["instances"])
    _table(("name", "desired", "active", "sub", "machineId"), inventory["units"])
    _table(("name", "ip", "cluster", "master"), inventory["nodes"])


def _named(kind: str) -> Callable[[str], None]:
    def command(name: str) -> None:
        _inject(kind, name=name)

    return command


for _kind, _help in _NAMED_FAULTS.items():
    fault.command(_kind, help=_help)(_named(_kind))


@fault.command()
def stockout(
    zone: Annotated[str, typer.Option()],
    seconds: ForOption,
    machine_type: Annotated[str, typer.Option("--type", help="Default: every type.")] = "",
) -> None:
    """A zone has no room for new instances."""
    _inject("stockout", zone=zone, machine_type=machine_type, seconds=seconds)


@fault.command()
def quota(metric: str, limit: float) -> None:
    """A quota of the project is lowered or raised."""
    _inject("quota", metric=metric, limit=limit)


@fault.command()
def rate_limit(seconds: ForOption) -> None:
    """Compute Engine refuses requests for being too many."""
    _inject("rate-limit", seconds=seconds)


@fault.command()
def lost_reply(count: Annotated[int, typer.Option("--next", min=1)] = 1) -> None:
    """The next writes are carried out, but nobody gets an answer."""
    _inject("lost-reply", count=count)


@fault.command("burst-503")
def burst_503(seconds: ForOption) -> None:
    """Compute Engine answers 503."""
    _inject("burst-503", seconds=seconds)


@fault.command()
def stale_list(seconds: ForOption) -> None:
    """Lists of instances show the past."""
    _inject("stale-list", seconds=seconds)


@fault.command()
def fleet_absent(name: str, seconds: ForOption) -> None:
    """fleet tells no state of a unit, though it runs."""
    _inject("fleet-absent", name=name, seconds=seconds)


@fault.command()
def clear() -> None:
    """End the faults that last; what has crashed stays so."""
    _inject("clear")


def _inject(kind: str, **arguments: Any) -> None:
    with _exit_codes():
        inject(kind, arguments)
    typer.echo(" ".join([kind, *(str(value) for value in arguments.values() if value)]))


@contextmanager
def _exit_codes() -> Iterator[None]:
    try:
        yield
    except RefusedError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_NOT_FOUND if error.not_found else EXIT_ERROR) from error
    except CloudUnreachableError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_UNREACHABLE) from error


def _network(text: str) -> IPv4Network:
    try:
        network = IPv4Network(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    if not network.subnet_of(_LOOPBACK):
        msg = f"{text} is not within {_LOOPBACK}"
        raise typer.BadParameter(msg)
    return network


def _es_version(text: str) -> str:
    if not text.startswith("1."):
        msg = f"{text} is no 1.x version"
        raise typer.BadParameter(msg)
    return text


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    cells = [[column.upper() for column in columns]]
    cells += [[str(row.get(column) or "-") for column in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        typer.echo("  ".join(padded).rstrip())
    typer.echo()
