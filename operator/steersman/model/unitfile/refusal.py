"""Options that fleet refuses, though each of them alone is fine."""

from collections.abc import Iterable, Iterator

from steersman.model.observed import UnitOption
from steersman.model.unitfile import fleet

# Keys of [X-Fleet] that exclude each other.
EXCLUSIVE = (
    ("MachineID", "MachineOf"),
    ("MachineID", "Conflicts"),
    ("MachineID", "Global"),
    ("MachineID", "Replaces"),
    ("Global", "MachineOf"),
    ("Global", "Replaces"),
    ("Conflicts", "Replaces"),
)


def refusal(options: Iterable[UnitOption]) -> str | None:
    """Why fleet would not create a unit with these options; None: it would."""
    return next(_reasons(tuple(options)), None)


def _reasons(options: tuple[UnitOption, ...]) -> Iterator[str]:
    shunned = [
        (key, each) for key in ("Conflicts", "Replaces") for each in fleet.values(options, key)
    ]
    for peer in fleet.values(options, "MachineOf"):
        for key, pattern in shunned:
            if fleet.matches(pattern, peer):
                yield f"{key}={pattern} keeps it away from {peer}, which MachineOf wants near"
    for one, other in EXCLUSIVE:
        if _given(options, one) and _given(options, other):
            yield f"{one} and {other} exclude each other"


def _given(options: tuple[UnitOption, ...], key: str) -> bool:
    return fleet.is_global(options) if key == "Global" else bool(fleet.values(options, key))
