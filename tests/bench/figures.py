"""Figures: what was measured, beside the bar that it is held to, as a table."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WHAT, VALUE = 58, 16  # how wide the columns are


@dataclass(frozen=True, slots=True)
class Figure:
    """`bar` says what would be good; "" where there is nothing to hold it to."""

    what: str
    value: str
    bar: str = ""


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def percentile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that is not exceeded by that share of all."""
    return sorted(samples)[max(0, math.ceil(share * len(samples)) - 1)]


def row(figure: Figure) -> str:
    """A row of the table."""
    return f"{figure.what:<{WHAT}}  {figure.value:>{VALUE}}  {figure.bar}".rstrip()
