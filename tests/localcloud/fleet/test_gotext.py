"""Text as Go writes and matches it."""

import pytest

from localcloud.fleet.gotext import matches, quoted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", '"plain"'),
        ('a"b', r'"a\"b"'),
        ("a\\b", r'"a\\b"'),
        ("it's", '"it\'s"'),
        ("\t\x01\x7f", r'"\t\x01\x7f"'),
        ("é\u200b", r'"é\u200b"'),
    ],
)
def test_quoted(text: str, expected: str) -> None:
    assert quoted(text) == expected


def test_a_character_is_quoted_with_its_own_quotes() -> None:
    assert quoted("'", quote="'") == r"'\''"


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("es@*.service", "es@1.service", True),
        ("es@?.service", "es@10.service", False),
        ("*", "a/b", False),
        ("[a-c].service", "b.service", True),
        ("[^a-c].service", "b.service", False),
        ("[!a].service", "!.service", True),
        (r"a\*b", "a*b", True),
        (r"a\*b", "axb", False),
        ("[", "[", False),
        ("[]a]", "a", False),
        ("a\\", "a\\", False),
        ("a.b", "axb", False),
        ("[[a]", "[", True),
        ("", "", True),
        ("*a*c*", "xabbcx", True),
        ("*ab*b", "aabb", True),
        ("*ab*ab", "xab", False),
        ("**", "a", True),
        ("*/*b", "a/cb", True),
        ("*/*b", "a/c/b", False),
        ("a*[x/]*b", "aab/xb", True),
        ("*a" * 20 + "b", "a" * 200, False),
    ],
)
def test_a_pattern_matches_as_a_path(pattern: str, name: str, expected: bool) -> None:
    assert matches(pattern, name) is expected
