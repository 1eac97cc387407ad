"""Unit files as fleet reads, stores, hashes and refuses them."""

from steersman.model.unitfile.fleet import is_global, placement_values, version_numbers
from steersman.model.unitfile.names import (
    NAME_CHARACTERS,
    RUNNABLE,
    instance_name,
    is_template,
    template_of,
    valid_unit_name,
)
from steersman.model.unitfile.refusal import refusal
from steersman.model.unitfile.text import (
    LINE_BYTES_MAX,
    Placed,
    UnitFileError,
    fleet_hash,
    group,
    parse,
    placed,
    render,
    survives,
)

__all__ = [
    "LINE_BYTES_MAX",
    "NAME_CHARACTERS",
    "RUNNABLE",
    "Placed",
    "UnitFileError",
    "fleet_hash",
    "group",
    "instance_name",
    "is_global",
    "is_template",
    "parse",
    "placed",
    "placement_values",
    "refusal",
    "render",
    "survives",
    "template_of",
    "valid_unit_name",
    "version_numbers",
]
