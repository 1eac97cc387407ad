"""JSON as Go reads and writes it."""

import pytest

from localcloud.fleet.gojson import DecodeError, decode, encode


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"b": 1, "a": "x"}, '{"a":"x","b":1}'),
        ("a && b > c < d", r'"a \u0026\u0026 b \u003e c \u003c d"'),
        ("\b\f\n\x01", r'"\u0008\u000c\n\u0001"'),
        (r"\b", r'"\\b"'),
        ("\u2028é", r'"\u2028é"'),
    ],
)
def test_written(value: object, expected: str) -> None:
    assert encode(value, sort_keys=True) == expected


def test_an_integer_may_be_of_any_length() -> None:
    assert decode(b"[" + b"9" * 5000 + b"]") == [float("inf")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "EOF"),
        (" \n", "EOF"),
        ("{", "unexpected EOF"),
        ('{"a":"', "unexpected EOF"),
        ("what", "invalid character 'w' looking for beginning of value"),
        ("{a}", "invalid character 'a' looking for beginning of object key string"),
        ('{"a" 1}', "invalid character '1' after object key"),
        ('{"a":[1] 2}', "invalid character '2' after object key:value pair"),
        ('[{"a":"]"} 2]', "invalid character '2' after array element"),
        ("['a']", r"invalid character '\'' looking for beginning of value"),
        ('["a\nb"]', r"invalid character '\n' in string literal"),
        (r'["\x"]', "invalid character 'x' in string escape code"),
        ("[NaN]", "invalid character 'N' looking for beginning of value"),
        ("[-Infinity]", "invalid character 'I' in numeric literal"),
        ("[" * 100_000, "exceeded max depth"),
    ],
)
def test_refused(text: str, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(text.encode())
    assert str(caught.value) == message
