"""What every command is given: where things are, and how answers are to look."""

from dataclasses import dataclass
from enum import StrEnum

import typer

HOME_URL = "etcd3://127.0.0.1:2379"
API_URL = "http://127.0.0.1:9110"


class Output(StrEnum):
    TABLE = "table"
    WIDE = "wide"
    JSON = "json"
    YAML = "yaml"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Given:
    home: str = HOME_URL
    unit_store: str | None = None
    api: str = API_URL
    output: Output = Output.TABLE
    color: bool = True


def given_to(context: typer.Context) -> Given:
    found = context.find_object(Given)
    assert found is not None, "the root command makes it"
    return found
