"""What every document's body shares: strict, frozen, camelCase outside, snake_case inside."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic.alias_generators import to_camel

from steersman.model.annotations import SCHEMA as ANNOTATIONS_SCHEMA
from steersman.model.window import Window

DEPENDENCIES_MAX = 100

T = TypeVar("T")

Many = Annotated[tuple[T, ...], Field(strict=False)]  # a list, in the document


class Spec(BaseModel):
    """The base of a kind's spec and of the objects within it. Unknown fields are refused, and no
    value is converted: neither "3" nor 3.0 is a whole number, neither "yes" nor 1 is true."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, alias_generator=to_camel, serialize_by_alias=True
    )

    @classmethod
    def defaults(cls, name: str) -> dict[str, Any]:
        """What a document called `name` may leave out, by the outside field name."""
        del name
        return {}


class Rollout(Spec):
    """How many members may be away at once, and how patient a rollout is."""

    max_unavailable: Annotated[
        int, Field(ge=1, le=1000, description="members that may be away, for whatever reason")
    ] = 1
    min_healthy_seconds: Annotated[
        int, Field(ge=0, le=86_400, description="how long one has to be well before the next")
    ] = 10
    deadline_seconds: Annotated[
        int, Field(ge=1, le=86_400, description="how long one may take before it counts as failed")
    ] = 600


class WindowSpec(Spec):
    """When what runs may be taken away: from each time of `cron`, for so many minutes."""

    cron: Annotated[str, Field(description="when it opens: minute hour day month weekday")]
    zone: Annotated[str, Field(description="whose clock that is, as Europe/Paris")] = "UTC"
    minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60, description="how long it stays open")]

    @field_validator("cron")
    @classmethod
    def _is_cron(cls, value: str) -> str:
        try:
            CronSim(value, datetime(2000, 1, 1, tzinfo=UTC))
        except CronSimError as error:
            msg = f"{value!r} is no cron expression: {error}"
            raise ValueError(msg) from error
        return value

    @field_validator("zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, ZoneInfoNotFoundError) as error:
            msg = f"{value!r} is no time zone, as Europe/Paris is one"
            raise ValueError(msg) from error
        return value

    @property
    def window(self) -> Window:
        return Window(self.cron, ZoneInfo(self.zone), self.minutes)


class PolicySpec(Spec):
    """What is done without a person."""

    approval: Annotated[
        Literal["auto", "auto-safe", "ask"] | None,
        Field(
            description="auto-safe: nothing that runs is taken away unasked; ask: nothing at all"
        ),
    ] = None
    mode: Annotated[
        Literal["act", "observe"] | None, Field(description="observe: plan and tell, write nothing")
    ] = None
    window: Annotated[
        WindowSpec | None,
        Field(description="disruptions wait for it; without one, any time will do"),
    ] = None


class MetadataSpec(Spec):
    """What a document says of itself."""

    name: Annotated[str | None, Field(description="as in its key, where it may be left out")] = None
    labels: Annotated[dict[str, str], Field(description="for people and scripts")] = {}
    annotations: Annotated[
        dict[str, str],
        Field(
            description="for people and scripts; those under steersman/ are the operator's",
            json_schema_extra=ANNOTATIONS_SCHEMA,
        ),
    ] = {}
    depends_on: Annotated[
        Many[str],
        Field(
            max_length=DEPENDENCIES_MAX,
            description="kind/name: nothing of it is created before those were ready once",
        ),
    ] = ()
    deleting: Annotated[
        bool, Field(description="take down what the document stands for, then tell Deleted")
    ] = False
    policy: PolicySpec = PolicySpec()
