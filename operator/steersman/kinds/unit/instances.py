"""The instances that a unit's document asks for: how many, or what follows the @ in each name."""

from collections import Counter
from typing import Any

from steersman.model.unitfile import is_template, valid_unit_name

INSTANCES_MAX = 1000


def labels(instances: int | tuple[int | str, ...]) -> tuple[str, ...]:
    """What follows the @ in each instance's name."""
    numbers = range(1, instances + 1) if isinstance(instances, int) else instances
    return tuple(str(each) for each in numbers)


def problem(name: str | None, given: Any) -> str | None:
    """What is wrong with the instances of the unit `name`, None where that name is no good."""
    if name is not None and (misfit := _misfit(name, given)):
        return misfit
    if given is None:
        return None
    if isinstance(given, list | tuple):
        return _problem_of_list(given)
    if isinstance(given, bool) or not isinstance(given, int):
        return "expected a number of instances, or a list of numbers and words"
    return None if 0 <= given <= INSTANCES_MAX else f"0 to {INSTANCES_MAX} instances"


def _misfit(name: str, given: Any) -> str | None:
    if is_template(name) and given is None:
        return f"{name} is a template: say how many instances, or which"
    if not is_template(name) and given is not None:
        return f"{name} is no template (x@.service): it cannot have instances"
    return None


def _problem_of_list(given: list[Any] | tuple[Any, ...]) -> str | None:
    if not 1 <= len(given) <= INSTANCES_MAX:
        return f"1 to {INSTANCES_MAX} instances"
    for each in given:
        if isinstance(each, bool) or not isinstance(each, int | str) or not _fits(str(each)):
            return f"{each!r} cannot be a part of a unit name"
    label, times = Counter(str(each) for each in given).most_common(1)[0]
    return f"{label} is listed twice" if times > 1 else None


def _fits(label: str) -> bool:
    return bool(label) and valid_unit_name(f"x@{label}.service") is None
