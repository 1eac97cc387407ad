"""The command: runs a local cloud, and talks to one that runs."""

import asyncio
import inspect
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
from localcloud.elasticsearch.version import SPOKEN, UnspokenVersionError
from localcloud.elasticsearch.version import parse as parse_es_version
from localcloud.fault import Parameter
from localcloud.faults import FAULTS

EXIT_ERROR = 1
EXIT_NOT_FOUND = 4
EXIT_UNREACHABLE = 6
EXIT_USAGE = 64
_USAGE_OF_TYPER = 2
_EXIT_OF_STATUS = {400: EXIT_USAGE, 404: EXIT_NOT_FOUND}
_LOOPBACK = IPv4Network("127.0.0.0/8")
app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
fault = typer.Typer(
    no_args_is_help=True,
    help="Make something go wrong in the running cloud; `localcloud state` tells what is on.",
)
app.add_typer(fault, name="fault")


class Output(StrEnum):
    TABLE = "table"
    JSON = "json"


class FleetVersion(StrEnum):
    V0_9 = "0.9"
    V0_13 = "0.13"
    V1_0 = "1.0"


OutputOption = Annotated[Output, typer.Option("-o", "--output")]


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
    es_version: Annotated[
        str, typer.Option(help=f"{SPOKEN}; for images whose tag tells none.")
    ] = DEFAULT_VERSION,
) -> None:
    """Run a cloud in the foreground, until SIGTERM or SIGINT."""
    from localcloud.files import TakenError
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
    try:
        asyncio.run(serve_until_stopped(settings, lambda summary: typer.echo(f"ready: {summary}")))
    except TakenError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_ERROR) from error


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
    _table(("fault", "of", "until", "left"), [_standing(row) for row in inventory["faults"]])


def _fault_command(kind: str, parameters: Sequence[Parameter]) -> Callable[..., None]:
    """A function whose signature, which typer reads, is that of the fault."""

    def command(**arguments: Any) -> None:
        with _exit_codes():
            inject(kind, arguments)
        typer.echo(" ".join([kind, *(str(value) for value in arguments.values() if value)]))

    command.__annotations__ = {one.field: _typed(one) for one in parameters}
    signature = inspect.Signature([_formal(one) for one in parameters])
    command.__signature__ = signature  # type: ignore[attr-defined]
    return command


def _formal(parameter: Parameter) -> inspect.Parameter:
    return inspect.Parameter(
        parameter.field,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if parameter.required else parameter.default,
        annotation=_typed(parameter),
    )


def _typed(parameter: Parameter) -> Any:
    low, high, explained = parameter.minimum, parameter.maximum, parameter.help
    if parameter.option:
        option = typer.Option(parameter.option, help=explained, min=low, max=high)
        return Annotated[parameter.kind, option]
    return Annotated[parameter.kind, typer.Argument(help=explained, min=low, max=high)]


for _fault in FAULTS.values():
    fault.command(_fault.word, help=_fault.help)(_fault_command(_fault.word, _fault.parameters))


@contextmanager
def _exit_codes() -> Iterator[None]:
    try:
        yield
    except RefusedError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(_EXIT_OF_STATUS.get(error.status, EXIT_ERROR)) from error
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
    try:
        parse_es_version(text)
    except UnspokenVersionError as error:
        raise typer.BadParameter(str(error)) from error
    return text


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _standing(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**row, "until": row["until"] and _clock(row["until"])}


def _table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    cells = [[column.upper() for column in columns]]
    cells += [[str(row.get(column) or "-") for column in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        typer.echo("  ".join(padded).rstrip())
    typer.echo()
