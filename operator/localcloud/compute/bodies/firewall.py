"""What a firewall rule may say: defaults, and what may be changed once it stands."""

import re
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any

from localcloud.compute.bodies.fields import NAME, Fields

ANYWHERE = ["0.0.0.0/0"]
PRIORITY_DEFAULT = 1000
PRIORITY_MAX = 65_535
PORT_MAX = 65_535
PROTOCOL_MAX = 255

_PROTOCOLS = ("ah", "all", "esp", "icmp", "ipip", "sctp", "tcp", "udp")
_WITH_PORTS = ("sctp", "tcp", "udp", "6", "17", "132")
_DIRECTIONS = ("INGRESS", "EGRESS")
_LISTS = (
    "destinationRanges",
    "sourceRanges",
    "sourceServiceAccounts",
    "sourceTags",
    "targetServiceAccounts",
    "targetTags",
)
_RANGES = ("destinationRanges", "sourceRanges")
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
    _check_protocol(entry, protocol["IPProtocol"], ports)
    return {**protocol, "ports": ports} if ports else protocol


def _check_protocol(entry: Fields, protocol: str, ports: list[str]) -> None:
    number = re.fullmatch(r"[0-9]{1,3}", protocol)
    if protocol not in _PROTOCOLS and not (number and int(protocol) <= PROTOCOL_MAX):
        raise entry.invalid("IPProtocol", protocol, "A protocol's name or number is expected.")
    if ports and protocol not in _WITH_PORTS:
        raise entry.invalid("ports", ports, f"There are no ports in {protocol}.")
    for port in ports:
        if not _is_range(port):
            raise entry.invalid("ports", port, "A port, or a range of them, is expected.")


def _is_range(text: str) -> bool:
    match = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", text)
    return match is not None and int(match[1]) <= int(match[2] or match[1]) <= PORT_MAX


def _check(fields: Fields, merged: Rule) -> None:
    if not merged.get("allowed") and not merged.get("denied"):
        raise fields.missing("allowed")
    if merged.get("allowed") and merged.get("denied"):
        raise fields.invalid("denied", merged["denied"], "A rule allows or denies.")
    _check_direction(fields, merged)
    for name in _RANGES:
        _check_ranges(fields, name, merged.get(name, []))
    for name in ("sourceTags", "targetTags"):
        _check_tags(fields, name, merged.get(name, []))
    if not 0 <= merged["priority"] <= PRIORITY_MAX:
        raise fields.invalid("priority", merged["priority"], "Must be 0 to 65535.")


def _check_direction(fields: Fields, merged: Rule) -> None:
    if merged["direction"] not in _DIRECTIONS:
        raise fields.invalid("direction", merged["direction"], "INGRESS or EGRESS.")
    senders = merged.get("sourceTags") or merged.get("sourceServiceAccounts")
    if senders and merged["direction"] == "EGRESS":
        raise fields.invalid("direction", "EGRESS", "What leaves has no instances as its source.")


def _check_ranges(fields: Fields, name: str, ranges: list[str]) -> None:
    for one in ranges:
        try:
            ip_network(one, strict=False)
        except ValueError as error:
            raise fields.invalid(name, one, "Must be a CIDR address range.") from error


def _check_tags(fields: Fields, name: str, tags: list[str]) -> None:
    for tag in tags:
        if not re.fullmatch(NAME, tag):
            raise fields.invalid(name, tag, f"Must be a match of regex '{NAME}'")
