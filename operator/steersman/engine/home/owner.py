"""Whose home it is, and how its records are written: claimed once, and checked by everybody."""

import json

from pydantic import BaseModel, ValidationError

from steersman.model.errors import SteersmanError
from steersman.model.ports import Fence, Item, Store

SCHEMA_KEY = "/steersman/schema"
SCHEMA_VERSION = 1


class ForeignHomeError(SteersmanError):
    """The home store belongs to another owner, or to a newer release."""


class Schema(BaseModel):
    """Whose home it is, and how its records are written."""

    version: int
    owner: str


async def claim_home(home: Store, owner: str, fence: Fence) -> None:
    """Write whose home this is, or check it. ForeignHomeError when it is somebody else's."""
    known = await home.get(SCHEMA_KEY)
    if known is None:
        value = json.dumps({"version": SCHEMA_VERSION, "owner": owner}).encode()
        await home.create(SCHEMA_KEY, value, fence=fence)
        known = await home.get(SCHEMA_KEY)
    check_home(known, owner)


def schema_in(known: Item) -> Schema:
    """ForeignHomeError when it cannot be read."""
    try:
        return Schema.model_validate_json(known.value)
    except ValidationError as error:
        msg = f"{SCHEMA_KEY} cannot be read: {known.value[:80]!r}"
        raise ForeignHomeError(msg) from error


def check_home(known: Item | None, owner: str) -> None:
    """ForeignHomeError unless the home is new, or of this owner and of a schema we know."""
    if known is None:
        return
    record = schema_in(known)
    if record.owner != owner:
        msg = f"this home belongs to the owner {record.owner!r}, not to {owner!r}"
        raise ForeignHomeError(msg)
    if record.version > SCHEMA_VERSION:
        msg = f"this home has schema {record.version}; this release knows {SCHEMA_VERSION}"
        raise ForeignHomeError(msg)
