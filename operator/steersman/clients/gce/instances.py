"""Instances out of Compute Engine's JSON, and nothing else: fields that we do not use are not
looked at, whatever they hold.

An instance with a used field of another shape than documented cannot be judged. Left out, it would
look gone, so it makes its whole zone unknown; a page that cannot be divided into zones is no page.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from steersman.clients.unreadable import is_text
from steersman.model.observed import Instance

LIST_KIND = "compute#instanceAggregatedList"
UNREACHABLE = "UNREACHABLE"
# Warnings that something is missing; all others are remarks.
INCOMPLETE = (UNREACHABLE, "PARTIAL_SUCCESS", "LIST_OVERHEAD_QUOTA_EXCEED")
USER_DATA = "user-data"  # large, and read once: nobody asks for its hash
ID = re.compile(r"[1-9][0-9]{0,19}")


class OddShapeError(ValueError):
    """A JSON value of another shape than documented. Tells where, never the value."""


@dataclass(frozen=True, slots=True)
class Page:
    """`unknown` says, by zone, why it may hold more than is listed."""

    instances: tuple[Instance, ...]
    unknown: Mapping[str, str]
    next_token: str


def page(body: Mapping[str, Any]) -> Page:
    """One page of an aggregated list. OddShapeError: it is none."""
    if body.get("kind", LIST_KIND) != LIST_KIND or not body.keys() & {"kind", "items"}:
        raise OddShapeError("not an aggregated list of instances")
    instances: list[Instance] = []
    unknown = dict.fromkeys(_unreachable(body), UNREACHABLE)
    for scope, listed in _object(body.get("items"), "items").items():
        found = _object(listed, "items")
        if _incomplete(found):
            unknown[zone_of(scope)] = UNREACHABLE
        for each in _list(found.get("instances"), "instances"):
            zone = zone_of(scope)
            try:
                instances.append(instance(each, zone))
            except OddShapeError as error:
                unknown[zone] = f"an instance whose {error}"
    return Page(tuple(instances), unknown, _text(body.get("nextPageToken"), "nextPageToken"))


def instance(body: object, zone: str) -> Instance:
    """OddShapeError: a field that we use is not what it should be."""
    found = _object(body, "instance")
    tags = _object(found.get("tags"), "tags")
    return Instance(
        id=_id(found.get("id")),
        name=_word(found.get("name"), "name"),
        zone=zone,
        status=_word(found.get("status"), "status"),
        machine_type=_word(
            last_segment(_text(found.get("machineType"), "machineType")), "machineType"
        ),
        ip=_ip(found),
        labels=_labels(found),
        tags=tuple(sorted(_text(each, "tags") for each in _list(tags.get("items"), "tags"))),
        metadata_sha256=_metadata(found),
        labels_fingerprint=_text(found.get("labelFingerprint"), "labelFingerprint"),
        tags_fingerprint=_text(tags.get("fingerprint"), "tags"),
    )


def zone_of(scope: str) -> str:
    """Of `zones/z`, alone or at the end of a link."""
    kind, _, zone = _text(scope, "scope").rpartition("/")
    if last_segment(kind) != "zones" or not zone:
        message = f"{scope} is not a zone"
        raise OddShapeError(message)
    return zone


def last_segment(link: str) -> str:
    return link.rpartition("/")[2]


def _unreachable(body: Mapping[str, Any]) -> Iterator[str]:
    """The zones that the head of the page names; it may warn only if it names them."""
    named = [
        _text(each, "unreachables") for each in _list(body.get("unreachables"), "unreachables")
    ]
    if _incomplete(body):
        named += _scopes_of(body["warning"])
        if not named:
            raise OddShapeError("incomplete, and it does not say where")
    return map(zone_of, named)


def _incomplete(body: Mapping[str, Any]) -> bool:
    return _object(body.get("warning"), "warning").get("code") in INCOMPLETE


def _scopes_of(warning: Mapping[str, Any]) -> list[str]:
    data = (_object(each, "warning.data") for each in _list(warning.get("data"), "warning.data"))
    return [_text(each.get("value"), "warning.data") for each in data if each.get("key") == "scope"]


def _id(value: object) -> str:
    """A number of 64 bits, which JSON carries as text."""
    text = str(value) if isinstance(value, int) else _text(value, "id")
    if not ID.fullmatch(text):
        raise OddShapeError("id is no id")
    return text


def _ip(body: Mapping[str, Any]) -> str | None:
    interfaces = _list(body.get("networkInterfaces"), "networkInterfaces")
    first = _object(interfaces[0], "networkInterfaces") if interfaces else {}
    return _text(first.get("networkIP"), "networkIP") or None


def _labels(body: Mapping[str, Any]) -> dict[str, str]:
    labels = _object(body.get("labels"), "labels")
    texts = ((_text(key, "labels"), _text(labels[key], "labels")) for key in sorted(labels))
    return dict(texts)


def _metadata(body: Mapping[str, Any]) -> dict[str, str]:
    listed = _list(_object(body.get("metadata"), "metadata").get("items"), "metadata")
    items = (_object(each, "metadata") for each in listed)
    values = {_text(each.get("key"), "metadata"): each.get("value") for each in items}
    return {
        key: hashlib.sha256(_text(value, "metadata").encode()).hexdigest()
        for key, value in sorted(values.items())
        if key != USER_DATA
    }


# As the API does, null and what is left out count as empty.


def _object(value: object, where: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _odd(value, where)
    return value


def _list(value: object, where: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise _odd(value, where)
    return value


def _text(value: object, where: str) -> str:
    if value is None:
        return ""
    if not is_text(value):
        raise _odd(value, where)
    return value


def _word(value: object, where: str) -> str:
    """A text that is never empty."""
    text = _text(value, where)
    if not text:
        message = f"{where} is missing"
        raise OddShapeError(message)
    return text


def _odd(value: object, where: str) -> OddShapeError:
    message = f"{where} is of type {type(value).__name__}"
    return OddShapeError(message)
