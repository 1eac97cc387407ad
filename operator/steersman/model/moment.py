"""Moments, as the JSON that stands in a store has them."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator


def _aware(text: str) -> str:
    """What stands there is not told: it may be secret."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("no time") from None
    if at.tzinfo is None:
        raise ValueError("a time without its zone")
    return text


Moment = Annotated[str, AfterValidator(_aware)]
