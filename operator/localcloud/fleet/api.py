"""fleet's decisions on a write: a pure table from what exists and what was sent."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from localcloud.fleet.names import InvalidNameError, is_template, validate_name
from localcloud.fleet.records import INACTIVE, JOB_STATES, ApiError, Job, MetadataChange, UnitBody
from localcloud.fleet.requirements import (
    RequirementsError,
    requirements_of,
    validate_requirements,
)
from localcloud.fleet.unitfile import UnitFileError, parse, serialise, unit_hash
from localcloud.seams import Option

_METADATA_PATH = re.compile(r"/([^/]+)/metadata/([A-Za-z0-9_.-]+)")


class Change(StrEnum):
    """What became of a PUT."""

    SUBMITTED = "submitted"
    REPLACED = "replaced"
    UPDATED = "updated"


@dataclass(frozen=True, slots=True)
class Put:
    change: Change
    job: Job


def decide_put(name: str, body: UnitBody, existing: Job | None, replaces: bool) -> Put:
    """`replaces`: this version of fleet takes new options for a unit that exists."""
    _validate_name(name, body)
    if existing is None:
        return Put(Change.SUBMITTED, _new_job(name, body))
    if not existing.readable:
        raise ApiError(500)
    if replaces and _options_differ(body.options, existing):
        return Put(Change.REPLACED, replace(_job(name, body), target=existing.target))
    return Put(Change.UPDATED, _updated(existing, body))


def _validate_name(name: str, body: UnitBody) -> None:
    if body.name not in ("", name):
        message = f'name in URL "{name}" differs from unit name in request body "{body.name}"'
        raise ApiError(400, message)
    try:
        validate_name(name)
    except InvalidNameError as error:
        raise ApiError(400, str(error)) from error


def _new_job(name: str, body: UnitBody) -> Job:
    if not body.options:
        raise ApiError(409, "unit does not exist and options field empty")
    try:
        # fleet checks them before it looks at the name, so specifiers stay as they are written
        validate_requirements(requirements_of("", parse(serialise(body.options))))
    except (UnitFileError, RequirementsError) as error:
        raise ApiError(400, str(error)) from error
    return _job(name, body)


def _job(name: str, body: UnitBody) -> Job:
    """A new unit file; one without a desired state stops what runs."""
    desired = body.desired or INACTIVE
    if desired not in JOB_STATES:
        raise ApiError(500)
    return Job(name, serialise(body.options), desired)


def _options_differ(options: Sequence[Option], existing: Job) -> bool:
    """As sent against as read back: a value with a blank at its end differs for ever."""
    return bool(options) and unit_hash(options) != existing.hash


def _updated(existing: Job, body: UnitBody) -> Job:
    """The word is not checked: a wrong one is stored, and makes the unit unreadable."""
    if not body.desired:
        raise ApiError(409, "must provide DesiredState to update existing unit")
    if is_template(existing.name) and body.desired != INACTIVE:
        raise ApiError(400, f'cannot activate template "{existing.name}"')
    return replace(existing, desired=body.desired)


def decide_delete(existing: Job | None) -> Job:
    if existing is None:
        raise ApiError(404, "unit does not exist")
    if not existing.readable:
        raise ApiError(500)
    return existing


def metadata_change(operation: str, path: str, value: str | None) -> MetadataChange:
    """Removing writes an empty value, which hides the machine's own for ever."""
    if operation not in ("add", "remove", "replace"):
        raise ApiError(400, "invalid op: expect add, remove, or replace")
    place = _METADATA_PATH.fullmatch(path)
    if place is None:
        raise ApiError(400, "machine metadata path invalid")
    if operation != "remove" and not value:
        raise ApiError(400, "invalid value: add and replace require a value")
    return MetadataChange(place[1], place[2], "" if operation == "remove" else value or "")
