"""What an instance's user data makes of it: a machine of a fleet, or none."""

import hashlib
from collections.abc import Mapping
from typing import Any

from localcloud.plain_yaml import BadYamlError, load
from localcloud.seams import Machine

CLOUD_CONFIG_HEADER = "#cloud-config"
FLEET_SERVICE = "fleet.service"
ENVIRONMENT_FILE = "/etc/environment"


def machine_of(instance_id: str, name: str, ip: str, user_data: str) -> Machine | None:
    """None: fleet.service is not started on it."""
    if user_data.lstrip().startswith(CLOUD_CONFIG_HEADER):
        return _from_cloud_config(instance_id, name, ip, user_data)
    if FLEET_SERVICE in user_data:  # Ignition, or a script: nothing more of it is understood
        return Machine(machine_id(instance_id), ip, name)
    return None


def machine_id(instance_id: str) -> str:
    """32 hex digits, the same after each boot of the instance."""
    return hashlib.sha256(f"machine {instance_id}".encode()).hexdigest()[:32]


def environment_file(ip: str) -> str:
    """/etc/environment as the image writes it at each boot."""
    return f"COREOS_PRIVATE_IPV4={ip}\nCOREOS_PUBLIC_IPV4={ip}\n"


def _from_cloud_config(instance_id: str, name: str, ip: str, user_data: str) -> Machine | None:
    coreos = _section(_loaded(user_data), "coreos")
    if not _starts_fleet(coreos):
        return None
    return Machine(
        id=machine_id(instance_id),
        ip=ip,
        instance=name,
        metadata=_metadata(_text(_section(coreos, "fleet"), "metadata")),
        discovery=_discovery(coreos),
    )


def _loaded(user_data: str) -> Mapping[str, Any]:
    """User data that is no YAML is ignored at boot, as the real image does it."""
    try:
        document = load(user_data)
    except BadYamlError:
        return {}
    return document if isinstance(document, dict) else {}


def _section(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = document.get(name)
    return section if isinstance(section, dict) else {}


def _text(section: Mapping[str, Any], name: str) -> str:
    value = section.get(name)
    return value if isinstance(value, str) else ""


def _starts_fleet(coreos: Mapping[str, Any]) -> bool:
    units = coreos.get("units")
    return any(
        isinstance(unit, dict)
        and unit.get("name") == FLEET_SERVICE
        and (unit.get("command") in ("start", "restart") or unit.get("enable") is True)
        for unit in (units if isinstance(units, list) else [])
    )


def _discovery(coreos: Mapping[str, Any]) -> str:
    """Of etcd 0.4, or of its successor's section."""
    sections = (_section(coreos, "etcd"), _section(coreos, "etcd2"))
    return next((url for each in sections if (url := _text(each, "discovery"))), "")


def _metadata(text: str) -> dict[str, str]:
    """`a=b,c=d`."""
    pairs = (item.partition("=") for item in text.split(","))
    return {key.strip(): value.strip() for key, equals, value in pairs if equals}
