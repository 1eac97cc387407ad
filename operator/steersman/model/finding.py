"""What is worth a second look in a document that can be accepted."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`rule` is one word for people and scripts; `line` counts from 1 within the text of the field
    at `path`."""

    rule: str
    path: str
    line: int
    message: str
