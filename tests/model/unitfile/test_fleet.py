"""The section [X-Fleet] as fleet reads it."""

import pytest

from steersman.model.unitfile import is_global, parse, version_numbers
from steersman.model.unitfile.fleet import expanded, matches, values


@pytest.mark.parametrize(
    ("lines", "key", "found"),
    [
        ("MachineMetadata=a=b", "MachineMetadata", ("a=b",)),
        ('MachineMetadata="a=b" "c=d e"', "MachineMetadata", ("a=b", "c=d e")),
        ("Conflicts=a.service b*\nX-Conflicts=c", "Conflicts", ("a.service", "b*", "c")),
        ("X-ConditionMachineID=old\nMachineID=new", "MachineID", ("new", "old")),
        ("Replaces=a.service,b.service", "Replaces", ("a.service,b.service",)),
        ("machineid=a", "MachineID", ()),
    ],
)
def test_values_in_every_spelling_and_list(lines: str, key: str, found: tuple[str, ...]) -> None:
    assert values(parse(f"[X-Fleet]\n{lines}\n[Service]\n{lines}\n"), key) == found


@pytest.mark.parametrize(
    ("lines", "truth"),
    [("Global=T", True), ("Global=ON", True), ("Global=yes\nGlobal=2", False), ("A=1", False)],
)
def test_of_several_switches_the_last_one_counts(lines: str, truth: bool) -> None:
    assert is_global(parse(f"[X-Fleet]\n{lines}\n")) == truth


def test_specifiers_stand_for_the_parts_of_a_name() -> None:
    assert expanded("%n %N %p %i %H", "a@b.c.service") == "a@b.c.service a@b.c a b.c %H"


@pytest.mark.parametrize(
    ("pattern", "name", "same"),
    [
        ("es@*.service", "es@1.service", True),
        ("es@*.service", "es-discovery@1.service", False),
        ("es@[^1].service", "es@1.service", False),
        ("es@[^1].service", "es@2.service", True),
        ("es@?.service", "es@12.service", False),
    ],
)
def test_patterns_are_those_of_go(pattern: str, name: str, same: bool) -> None:
    assert matches(pattern, name) == same


@pytest.mark.parametrize(
    ("version", "numbers"),
    [
        ("1.0.0", (1, 0, 0)),
        ("0.13.0+git", (0, 13, 0)),
        ("0.8-rc1", (0, 8)),
        ("", ()),
        ("unknown", ()),
        ("1" * 5000, ()),
    ],
)
def test_what_is_no_version_has_no_numbers(version: str, numbers: tuple[int, ...]) -> None:
    assert version_numbers(version) == numbers
