"""fleet's decisions on a write: a pure table from what exists and what was sent."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from localcloud.fleet.gotext import quoted
from localcloud.fleet.records import INACTIVE, JOB_STATES, ApiError, Job, MetadataChange, UnitBody
from localcloud.fleet.units.names import InvalidNameError, is_template, validate_name
from localcloud.fleet.units.requirements import (
    RequirementsError,
    requirements_of,
    validate_requirements,
)
from localcloud.fleet.units.unitfile import UnitFileError, parse, serialise, unit_hash
from localcloud.fleet.versions import REPLACES_IN_PLACE, TEMPLATES_STAY_INACTIVE, since
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


def check_name(name: str, body: UnitBody) -> None:
    """What fleetd refuses before it looks into etcd."""
    if body.name not in ("", name):
        names = f"name in URL {quoted(name)} differs from unit name in request body"
        raise ApiError(400, f"{names} {quoted(body.name)}")
    try:
        validate_name(name)
    except InvalidNameError as error:
        raise ApiError(400, str(error)) from error


def decide_put(name: str, body: UnitBody, existing: Job | None, version: str) -> Put:
    """`name` has been checked."""
    if existing is None:
        return Put(Change.SUBMITTED, _new_job(name, body, version))
    if not existing.readable:
        raise ApiError(500)
    if since(version, REPLACES_IN_PLACE) and _options_differ(body.options, existing):
        return Put(Change.REPLACED, replace(_job(name, body, version), target=existing.target))
    return Put(Change.UPDATED, _updated(existing, body))


def _new_job(name: str, body: UnitBody, version: str) -> Job:
    if not body.options:
        raise ApiError(409, "unit does not exist and options field empty")
    try:
        parse(serialise(body.options))
        # fleet checks what was sent, and without the name: specifiers stay as they are written
        validate_requirements(requirements_of("", body.options, version))
    except (UnitFileError, RequirementsError) as error:
        raise ApiError(400, str(error)) from error
    return _job(name, body, version)


def _job(name: str, body: UnitBody, version: str) -> Job:
    """A new unit file; one without a desired state stops what runs."""
    desired = body.desired or INACTIVE
    if desired not in JOB_STATES:
        raise ApiError(500)
    return Job(name, serialise(body.options), desired, version=version)


def _options_differ(options: Sequence[Option], existing: Job) -> bool:
    """As sent against as read back: a value with a blank at its end differs for ever."""
    return bool(options) and unit_hash(options) != existing.hash


def _updated(existing: Job, body: UnitBody) -> Job:
    """The word is not checked: a wrong one is stored, and makes the unit unreadable."""
    if not body.desired:
        raise ApiError(409, "must provide DesiredState to update existing unit")
    if _activates_a_template(existing, body.desired):
        raise ApiError(400, f"cannot activate template {quoted(existing.name)}")
    return replace(existing, desired=body.desired)


def _activates_a_template(existing: Job, desired: str) -> bool:
    """Only a template that is there is looked at: a new one may come with any state."""
    refused = since(existing.version, TEMPLATES_STAY_INACTIVE) and is_template(existing.name)
    return refused and desired != INACTIVE


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
