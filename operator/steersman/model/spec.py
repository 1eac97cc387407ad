"""What every document's body shares: strict, frozen, camelCase outside, snake_case inside."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Spec(BaseModel):
    """The base of a kind's spec and of the objects within it. Unknown fields are refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, serialize_by_alias=True
    )

    @classmethod
    def defaults(cls, name: str) -> dict[str, Any]:
        """What a document called `name` may leave out, by the outside field name."""
        del name
        return {}


class Rollout(Spec):
    """How many members may be away at once, and how patient a rollout is."""

    max_unavailable: Annotated[int, Field(ge=1, le=1000)] = 1
    min_healthy_seconds: Annotated[int, Field(ge=0, le=86_400)] = 10
    deadline_seconds: Annotated[int, Field(ge=1, le=86_400)] = 600


class PolicySpec(Spec):
    approval: Literal["auto", "auto-safe", "ask"] = "auto"
    mode: Literal["act", "observe"] | None = None


class MetadataSpec(Spec):
    name: str | None = None
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    depends_on: tuple[str, ...] = ()
    deleting: bool = False
    policy: PolicySpec = PolicySpec()
