"""Names that fleet refuses, in its words."""

import pytest

from localcloud.fleet.units.names import InvalidNameError, NameInfo, validate_name


@pytest.mark.parametrize(
    "name",
    ["a.service", "a@.service", "a@1.service", "a-b_c:d\\x2d.timer", "a" * 248 + ".service"],
)
def test_valid(name: str) -> None:
    validate_name(name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "unit name cannot be empty"),
        ("a" * 249 + ".service", "unit name exceeds maximum length (256)"),
        ("foo", 'unit name must contain "."'),
        ("foo.", 'unit name cannot end in "."'),
        ("foo.svc", 'invalid unit type: "svc"'),
        ("fo$o.service", "invalid character '$' in unit name"),
        ("fo o.service", "invalid character ' ' in unit name"),
        ("@1.service", 'unit name cannot start in "@"'),
        ("foo@1.mount", 'invalid unit type for template: "mount"'),
    ],
)
def test_invalid(name: str, message: str) -> None:
    with pytest.raises(InvalidNameError) as caught:
        validate_name(name)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("name", "text", "expanded"),
    [
        ("es@2.service", "%p@%i.service", "es@2.service"),
        ("es@2.service", "%n %N %H", "es@2.service es@2 %H"),
        ("es.service", "%p-%i", "es-"),
    ],
)
def test_specifiers(name: str, text: str, expanded: str) -> None:
    assert NameInfo.of(name).expand(text) == expanded


@pytest.mark.parametrize(
    ("name", "template"), [("es@.service", True), ("es@1.service", False), ("es.service", False)]
)
def test_a_template_has_no_instance(name: str, template: bool) -> None:
    assert NameInfo.of(name).template is template
