"""What a document of kind elasticsearch asks for."""

import json
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from steersman.model.keypath import KEY_CHARACTERS_MAX, misplaced
from steersman.model.resource import NAME, Key
from steersman.model.spec import Spec

SERVICES = "/services/"
# The post's shell appends this port to whatever it finds registered.
SHELL_TRANSPORT_PORT = 9300
BEATS_PER_TTL = 3
PROBE_TIMEOUT_SECONDS = 3

Port = Annotated[int, Field(ge=1, le=65535)]


class Registration(Spec):
    """Where the addresses of the nodes are kept for those that start later, and by whom."""

    path: Annotated[
        str,
        Field(
            max_length=KEY_CHARACTERS_MAX,
            description="directory under /services/ that holds one key per address",
        ),
    ] = SERVICES + "elasticsearch"
    writer: Annotated[
        Literal["steersman", "sidekick", "none"],
        Field(description="sidekick: look, never write; none: nodes are not registered"),
    ] = "steersman"
    ttl_seconds: Annotated[
        int, Field(ge=10, le=86_400, description="how long a key outlives its last refresh")
    ] = 300
    refresh_seconds: Annotated[
        int, Field(ge=1, le=3_600, description="how often the key of a living node is refreshed")
    ] = 15

    @field_validator("path")
    @classmethod
    def _a_directory_of_services(cls, value: str) -> str:
        if said := misplaced(value, SERVICES):
            raise ValueError(said)
        return value

    @model_validator(mode="after")
    def _some_beats_may_be_missed(self) -> Self:
        least = BEATS_PER_TTL * self.refresh_seconds + PROBE_TIMEOUT_SECONDS
        if self.ttl_seconds < least:
            msg = (
                f"ttlSeconds is {self.ttl_seconds}; with refreshSeconds {self.refresh_seconds} it "
                f"is at least {least}, so that a missed refresh loses no key"
            )
            raise ValueError(msg)
        return self


class ElasticsearchSpec(Spec):
    """The cluster that the instances of one unit form."""

    unit: Annotated[str, Field(description="the unit whose instances are the nodes: unit/<name>")]
    cluster_name: Annotated[
        str, Field(min_length=1, description="what every node has to report as its cluster.name")
    ]
    http_port: Annotated[Port, Field(description="where each node answers requests")] = 9200
    transport_port: Annotated[Port, Field(description="where the nodes talk to each other")] = (
        SHELL_TRANSPORT_PORT
    )
    registration: Registration = Registration()

    @field_validator("unit")
    @classmethod
    def _a_unit(cls, value: str) -> str:
        kind, _, name = value.partition("/")
        if kind != "unit" or not NAME.fullmatch(name):
            msg = f"{value!r} is not of the form unit/name"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _the_port_that_the_shell_appends(self) -> Self:
        written = self.registration.writer == "steersman"
        if written and self.transport_port != SHELL_TRANSPORT_PORT:
            msg = (
                f"transportPort is {self.transport_port}; it is {SHELL_TRANSPORT_PORT} while "
                "registration.writer is steersman: who reads the keys appends that port"
            )
            raise ValueError(msg)
        return self

    @property
    def unit_key(self) -> Key:
        return Key.parse(self.unit)

    @property
    def value(self) -> str:
        """What a registration holds, byte for byte what the post's sidekick writes."""
        return json.dumps({"http_port": self.http_port, "transport_port": self.transport_port})
