"""How an instance takes maintenance, the death of its host, and preemption."""

from collections.abc import Mapping
from typing import Any

from localcloud.compute.bodies.fields import Fields

DELETE = "DELETE"
SPOT = "SPOT"
STANDARD = "STANDARD"

_TYPES: Mapping[str, type[Any]] = {
    "automaticRestart": bool,
    "instanceTerminationAction": str,
    "locationHint": str,
    "maxRunDuration": dict,
    "minNodeCpus": int,
    "nodeAffinities": list,
    "onHostMaintenance": str,
    "preemptible": bool,
    "provisioningModel": str,
    "terminationTime": str,
}
_WORDS = {
    "instanceTerminationAction": (DELETE, "STOP"),
    "onHostMaintenance": ("MIGRATE", "TERMINATE"),
    "provisioningModel": (SPOT, STANDARD),
}


def scheduling(fields: Fields) -> Mapping[str, Any]:
    """What was given, over the defaults of its kind: a preemptible instance is not restarted."""
    given = fields.only(_TYPES)
    for name, words in _WORDS.items():
        if given.get(name, words[0]) not in words:
            raise fields.invalid(name, given[name], f"Must be one of {', '.join(words)}.")
    model = given.get("provisioningModel", STANDARD)
    preemptible = model == SPOT or given.get("preemptible", False)
    defaults = {
        "automaticRestart": not preemptible,
        "onHostMaintenance": "TERMINATE" if preemptible else "MIGRATE",
        "provisioningModel": model,
    }
    return {**defaults, **given, "preemptible": preemptible}
