"""What a firewall rule may say: defaults, and what may be changed once it stands."""

from collections.abc import Mapping
from typing import Any

from localcloud.compute.bodies.fields import Fields

ANYWHERE = ["0.0.0.0/0"]
PRIORITY_DEFAULT = 1000
PRIORITY_MAX = 65_535

_DIRECTIONS = ("INGRESS", "EGRESS")
_LISTS = (
    "destinationRanges",
    "sourceRanges",
    "sourceServiceAccounts",
    "sourceTags",
    "targetServiceAccounts",
    "targetTags",
)
_SOURCES = ("sourceRanges", "sourceServiceAccounts", "sourceTags")

Rule = Mapping[str, Any]


def rule(fields: Fields, base: Rule) -> Rule:
    """The fields of a body over those of `base`; defaults where neither says anything."""
    merged = {**_defaults(), **base, **_given(fields)}
    _check(fields, merged)
    if merged["direction"] == "INGRESS" and not any(merged.get(name) for name in _SOURCES):
        merged["sourceRanges"] = ANYWHERE
    return {name: value for name, value in merged.items() if value not in ([], "")}


def check_unchanged(fields: Fields, name: str, given: str, current: str) -> None:
    if given != current:
        raise fields.invalid(name, given, f"The {name} of a firewall cannot change.")


def _defaults() -> dict[str, Any]:
    return {
        "direction": "INGRESS",
        "disabled": False,
        "logConfig": {"enable": False},
        "priority": PRIORITY_DEFAULT,
    }


def _given(fields: Fields) -> dict[str, Any]:
    given: dict[str, Any] = {name: list(fields.texts(name)) for name in _LISTS if name in fields}
    given |= {name: _protocols(fields, name) for name in ("allowed", "denied") if name in fields}
    given |= {name: fields.text(name) for name in ("description", "direction") if name in fields}
    if "disabled" in fields:
        given["disabled"] = fields.flag("disabled")
    if "logConfig" in fields:
        given["logConfig"] = {"enable": fields.child("logConfig").flag("enable")}
    if "priority" in fields:
        given["priority"] = fields.number("priority", PRIORITY_DEFAULT)
    return given


def _protocols(fields: Fields, name: str) -> list[dict[str, Any]]:
    return [_protocol(entry) for entry in fields.children(name)]


def _protocol(entry: Fields) -> dict[str, Any]:
    protocol: dict[str, Any] = {"IPProtocol": entry.required("IPProtocol").lower()}
    ports = list(entry.texts("ports"))
    return {**protocol, "ports": ports} if ports else protocol


def _check(fields: Fields, merged: Rule) -> None:
    if not merged.get("allowed") and not merged.get("denied"):
        raise fields.missing("allowed")
    if merged.get("allowed") and merged.get("denied"):
        raise fields.invalid("denied", merged["denied"], "A rule allows or denies.")
    if merged["direction"] not in _DIRECTIONS:
        raise fields.invalid("direction", merged["direction"], "INGRESS or EGRESS.")
    if not 0 <= merged["priority"] <= PRIORITY_MAX:
        raise fields.invalid("priority", merged["priority"], "Must be 0 to 65535.")
