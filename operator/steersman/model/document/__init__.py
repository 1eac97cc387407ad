"""Documents: bytes of a store or a file become plain data with line numbers, or named problems."""

from steersman.model.document.body import (
    DEPTH_MAX,
    DOCUMENT_BYTES_MAX,
    NODES_MAX,
    NUMBER_CHARACTERS_MAX,
    Body,
)
from steersman.model.document.from_yaml import ALIASES_MAX, Loader
from steersman.model.document.misfits import problems_of
from steersman.model.document.problem import (
    PART_CHARACTERS_MAX,
    PROBLEMS_MAX,
    DocumentError,
    Path,
    Problem,
    nearest,
    spell,
)
from steersman.model.document.text import bodies, body

__all__ = [
    "ALIASES_MAX",
    "DEPTH_MAX",
    "DOCUMENT_BYTES_MAX",
    "NODES_MAX",
    "NUMBER_CHARACTERS_MAX",
    "PART_CHARACTERS_MAX",
    "PROBLEMS_MAX",
    "Body",
    "DocumentError",
    "Loader",
    "Path",
    "Problem",
    "bodies",
    "body",
    "nearest",
    "problems_of",
    "spell",
]
