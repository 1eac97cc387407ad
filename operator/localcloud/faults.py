"""The faults that can be turned on while the cloud runs, by the words that people type."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from localcloud.cloud import Cloud
from localcloud.compute.errors import ApiError


class UnknownNameError(LookupError):
    """There is no such fault, instance, unit, zone or type, or it does not run."""


class BadFaultError(ValueError):
    """The fault is known, but not with these arguments."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """`seconds` count from now, on the cloud's clock."""

    name: str = ""
    zone: str = ""
    machine_type: str = ""
    metric: str = ""
    limit: float = 0
    count: int = 0
    seconds: float = 0


@dataclass(frozen=True, slots=True)
class Fault:
    required: tuple[str, ...]
    inject: Callable[[Cloud, Arguments], None]


FAULTS: Mapping[str, Fault] = {
    "node-crash": Fault(("name",), lambda cloud, a: cloud.compute.crash(a.name)),
    "node-hang": Fault(("name",), lambda cloud, a: cloud.compute.hang(a.name)),
    "preempt": Fault(("name",), lambda cloud, a: cloud.compute.preempt(a.name)),
    "instance-delete": Fault(("name",), lambda cloud, a: cloud.compute.vanish(a.name)),
    "unit-crash": Fault(("name",), lambda cloud, a: cloud.fleet.unit_crash(a.name)),
    "unit-stop": Fault(("name",), lambda cloud, a: cloud.fleet.unit_stop(a.name)),
    "stockout": Fault(
        ("zone", "seconds"),
        lambda cloud, a: cloud.compute.stockout(a.zone, a.machine_type or None, _until(cloud, a)),
    ),
    "quota": Fault(("metric",), lambda cloud, a: cloud.compute.quota(a.metric, a.limit)),
    "rate-limit": Fault(("seconds",), lambda cloud, a: cloud.compute.rate_limit(_until(cloud, a))),
    "lost-reply": Fault(("count",), lambda cloud, a: cloud.compute.lost_reply(a.count)),
    "burst-503": Fault(("seconds",), lambda cloud, a: cloud.compute.burst_503(_until(cloud, a))),
    "stale-list": Fault(("seconds",), lambda cloud, a: cloud.compute.stale_list(_until(cloud, a))),
    "fleet-absent": Fault(("name", "seconds"), lambda cloud, a: _fleet_absent(cloud, a)),
    "clear": Fault((), lambda cloud, a: cloud.clear_faults()),
}


def inject(cloud: Cloud, kind: str, arguments: Arguments) -> None:
    """Raises UnknownNameError or BadFaultError; then nothing has changed."""
    fault = FAULTS.get(kind)
    if fault is None:
        msg = f"no fault {kind!r}; there are {', '.join(sorted(FAULTS))}"
        raise UnknownNameError(msg)
    missing = [name for name in fault.required if not getattr(arguments, name)]
    if missing:
        msg = f"{kind} needs {', '.join(missing)}"
        raise BadFaultError(msg)
    try:
        fault.inject(cloud, arguments)
    except (LookupError, ApiError) as error:
        raise UnknownNameError(str(error)) from error


def parse(body: Mapping[str, Any]) -> Arguments:
    types = {field.name: field.type for field in fields(Arguments)}
    unknown = body.keys() - types.keys()
    if unknown:
        msg = f"unknown arguments {', '.join(sorted(unknown))}"
        raise BadFaultError(msg)
    for name, value in body.items():
        if not isinstance(value, str if types[name] is str else int | float):
            msg = f"{name} is not of type {types[name]}"
            raise BadFaultError(msg)
    return Arguments(**body)


def _fleet_absent(cloud: Cloud, arguments: Arguments) -> None:
    if cloud.fleet.unit(arguments.name) is None:
        msg = f"no unit {arguments.name}"
        raise LookupError(msg)
    cloud.fleet.fleet_absent(arguments.name, _until(cloud, arguments))


def _until(cloud: Cloud, arguments: Arguments) -> float:
    return cloud.now() + arguments.seconds
