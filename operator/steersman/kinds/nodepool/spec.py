"""What a nodepool document may ask for: N alike Compute Engine instances."""

import re
from collections.abc import Mapping
from itertools import islice
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.config import JsonDict

from steersman.kinds.nodepool import userdata
from steersman.model.document import PROBLEMS_MAX
from steersman.model.spec import Many, Rollout, Spec
from steersman.model.template import VARIABLE, render, rendered_bytes

REPLICAS_MAX = 1000
ZONES_MAX = 20
DISKS_MAX = 8
DISK_GB_MIN = 10
DISK_GB_MAX = 65_536
TAGS_MAX = 64
LABELS_MAX = 60  # Compute Engine takes 64, and four are ours
OUR_LABELS = "steersman-"
USER_DATA_ITEM = "user-data"
UUID_CHARACTERS = 36
NO_OTHERS: JsonDict = {"additionalProperties": False}  # than names that fit the pattern

INSTANCE_NAME = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")


def _filled_in(value: str) -> str:
    said = userdata.incomplete(value)
    if said is None and userdata.is_placeholder(value):
        said = "holds a {{ placeholder }}: variables are put into the template only"
    if said:
        raise ValueError(said)
    return value


def _free_label(key: str) -> str:
    if key.startswith(OUR_LABELS):
        msg = f"labels that begin with {OUR_LABELS} are the operator's own"
        raise ValueError(msg)
    return key


def _free_item(key: str) -> str:
    if key == USER_DATA_ITEM:
        msg = f"{USER_DATA_ITEM} is what `userData` makes"
        raise ValueError(msg)
    return key


def _without_repeats(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) < len(values):
        msg = "the same value stands here twice"
        raise ValueError(msg)
    return values


Name = Annotated[str, StringConstraints(pattern=rf"^{INSTANCE_NAME.pattern}$")]
Project = Annotated[
    str, StringConstraints(pattern=r"^([a-z0-9.-]+:)?[a-z][-a-z0-9]{4,28}[a-z0-9]$")
]
LabelKey = Annotated[
    str, StringConstraints(pattern=r"^[a-z][-_a-z0-9]{0,62}$"), AfterValidator(_free_label)
]
LabelValue = Annotated[str, StringConstraints(pattern=r"^[-_a-z0-9]{0,63}$")]
ItemKey = Annotated[
    str, StringConstraints(pattern=r"^[-_a-zA-Z0-9]{1,128}$"), AfterValidator(_free_item)
]
Variable = Annotated[str, StringConstraints(pattern=rf"^{VARIABLE}$")]
Value = Annotated[str, AfterValidator(_filled_in)]
Names = Annotated[Many[Name], AfterValidator(_without_repeats)]


class Image(Spec):
    """A boot image: `name`, or the newest of `family`. Looked up once, when a node is created."""

    project: Annotated[Project, Field(description="the project that the image belongs to")]
    name: Annotated[Name | None, Field(description="one image, always the same")] = None
    family: Annotated[Name | None, Field(description="the newest image of these")] = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.name is None) == (self.family is None):
            msg = "exactly one of `name` and `family` is needed"
            raise ValueError(msg)
        return self

    @property
    def source(self) -> str:
        """As Compute Engine names it."""
        last = self.name or f"family/{self.family}"
        return f"projects/{self.project}/global/images/{last}"


class Disk(Spec):
    """A new disk, deleted with its instance. The boot disk comes from the image, others empty."""

    boot: Annotated[bool, Field(description="whether the node starts from it")] = False
    size_gb: Annotated[int, Field(ge=DISK_GB_MIN, le=DISK_GB_MAX, description="in gibibytes")] = (
        DISK_GB_MIN
    )


class Generate(Spec):
    """A value that the operator makes up once and keeps."""

    generate: Annotated[Literal["uuid"], Field(description="what kind of value")]


def _written_as(value: object) -> str:
    return "generated" if isinstance(value, Mapping | Generate) else "given"


# told apart by their shape, so that a mistake is reported once, not once for each alternative
GivenOrGenerated = Annotated[
    Annotated[Value, Tag("given")] | Annotated[Generate, Tag("generated")],
    Discriminator(_written_as),
]


class UserData(Spec):
    """`{{ name }}` in the template stands for the variable `name`; nothing else is replaced."""

    variables: dict[Variable, GivenOrGenerated] = Field(
        default_factory=dict,
        repr=False,
        description="by name: a text, or one to generate once",
        json_schema_extra=NO_OTHERS,
    )
    template: Annotated[str, Field(repr=False, description="what the node gets as its user data")]

    @field_validator("template")
    @classmethod
    def _renders(cls, template: str, info: ValidationInfo) -> str:
        variables = info.data.get("variables")
        if variables is None:  # what is wrong there is told already
            return template
        found = userdata.template_faults(template, frozenset(variables))
        faults = list(islice(found, PROBLEMS_MAX))
        if faults:
            raise ValueError("; ".join(faults))
        return template

    @model_validator(mode="after")
    def _fits(self) -> Self:
        longest = dict.fromkeys(self.generated, "0" * UUID_CHARACTERS)
        if rendered_bytes(self.template, {**longest, **self._given}) > userdata.BYTES_MAX:
            msg = f"more than {userdata.BYTES_MAX} bytes once the variables are put in"
            raise ValueError(msg)
        return self

    @property
    def generated(self) -> tuple[str, ...]:
        """The variables whose value the operator makes up."""
        return tuple(name for name, value in self.variables.items() if isinstance(value, Generate))

    def render(self, generated: Mapping[str, str]) -> str:
        """KeyError when a generated value is missing. What the document gives goes before."""
        return render(self.template, {**generated, **self._given})

    @property
    def _given(self) -> Mapping[str, str]:
        return {name: value for name, value in self.variables.items() if isinstance(value, str)}


class Health(Spec):
    """When a node counts as ready."""

    fleet: Annotated[
        bool, Field(description="whether a node is ready only once its machine is in the fleet")
    ] = True
    join_deadline_seconds: Annotated[
        int,
        Field(ge=10, le=86_400, description="how long a node may take to join it"),
    ] = 300


class NodePool(Spec):
    """N alike Compute Engine instances, told apart by their ordinals 1 to N."""

    replicas: Annotated[int, Field(ge=0, le=REPLICAS_MAX, description="how many nodes")] = 1
    name_format: Annotated[
        str, Field(description="{name} is the document's name, {ordinal} counts from 1")
    ] = "{name}-{ordinal}"
    zones: Annotated[
        Names, Field(min_length=1, max_length=ZONES_MAX, description="nodes go round them in turn")
    ]
    machine_type: Annotated[Name, Field(description="of Compute Engine, as n1-standard-1")]
    image: Image
    disks: Annotated[
        Many[Disk],
        Field(min_length=1, max_length=DISKS_MAX, description="the first one boots"),
    ] = (Disk(boot=True),)
    network: Annotated[Name, Field(description="of the same project")] = "default"
    tags: Annotated[Names, Field(max_length=TAGS_MAX, description="for firewall rules")] = ()
    labels: dict[LabelKey, LabelValue] = Field(
        default_factory=dict,
        max_length=LABELS_MAX,
        description="of each instance, beside the operator's own",
        json_schema_extra=NO_OTHERS,
    )
    metadata: dict[ItemKey, str] = Field(
        default_factory=dict,
        repr=False,
        description="what the instance's guest can read",
        json_schema_extra=NO_OTHERS,
    )
    user_data: Annotated[UserData | None, Field(description="a cloud-config, as a rule")] = None
    health: Health = Health()
    rollout: Rollout = Rollout()

    @classmethod
    def defaults(cls, name: str) -> dict[str, Any]:
        return {"nameFormat": f"{name}-{{ordinal}}"}

    @field_validator("name_format")
    @classmethod
    def _makes_names(cls, name_format: str, info: ValidationInfo) -> str:
        replicas = max(1, info.data.get("replicas", 1))
        if "{ordinal}" not in name_format and replicas > 1:
            msg = f"without {{ordinal}} all {replicas} nodes would have the same name"
            raise ValueError(msg)
        longest = node_name(name_format, "x", replicas)
        if not INSTANCE_NAME.fullmatch(longest):
            msg = f"{longest!r} is no name of an instance: a-z first, then a-z, 0-9 and -, up to 63"
            raise ValueError(msg)
        return name_format

    @field_validator("disks")
    @classmethod
    def _boots(cls, disks: tuple[Disk, ...]) -> tuple[Disk, ...]:
        if [disk.boot for disk in disks] != [True] + [False] * (len(disks) - 1):
            raise ValueError("the first disk boots, and no other")
        return disks


def node_name(name_format: str, pool: str, ordinal: int) -> str:
    return name_format.replace("{name}", pool).replace("{ordinal}", str(ordinal))
