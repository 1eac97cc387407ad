"""What Go does with text, byte for byte: quotes, blanks, and the patterns of paths."""

import re
from functools import lru_cache

PATTERNS_CACHED_MAX = 1024

# what unicode.IsSpace takes for a blank; Python knows a few more
BLANKS = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_ESCAPES = {"\a": r"\a", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
_ESCAPES |= {"\v": r"\v", "\\": r"\\"}
_CLASS = re.compile(r"\[(?P<negated>\^?)(?P<members>(?:\\.|[^\\\]])+)\]", re.DOTALL)


def quoted(text: str, quote: str = '"') -> str:
    """As the verb %q writes it."""
    return quote + "".join(_escaped(char, quote) for char in text) + quote


def _escaped(char: str, quote: str) -> str:
    if char == quote:
        return f"\\{char}"
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    return f"\\x{ord(char):02x}" if ord(char) < 0x80 else f"\\u{ord(char):04x}"


def matches(pattern: str, name: str) -> bool:
    """As path.Match: a star stops at a slash, and a malformed pattern matches nothing."""
    compiled = _compiled(pattern)
    return compiled is not None and compiled.fullmatch(name) is not None


@lru_cache(PATTERNS_CACHED_MAX)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(_translated(pattern), re.DOTALL)
    except (re.error, IndexError):
        return None


def _translated(pattern: str) -> str:
    """Raises IndexError where the pattern ends in the middle of something."""
    between = [""]  # the stars
    position = 0
    while position < len(pattern):
        char, length = pattern[position], 1
        if char == "*":
            between.append("")
        else:
            one, length = _single(pattern, position)
            between[-1] += one
        position += length
    return _starred(between)


def _single(pattern: str, position: int) -> tuple[str, int]:
    """What matches one character, and how much of the pattern says so."""
    char = pattern[position]
    if char == "[":
        found = _CLASS.match(pattern, position)
        if found is None:
            raise IndexError(position)
        return f"[{found['negated']}{_members(found['members'])}]", len(found[0])
    if char == "\\":
        return re.escape(pattern[position + 1]), 2
    return "[^/]" if char == "?" else re.escape(char), 1


def _starred(between: list[str]) -> str:
    """What follows a star is taken where it first comes, and looked for no further: all but the
    last is atomic, so that many stars cost no more than few."""
    first, *others = between
    if not others:
        return first
    *middle, last = others
    return "".join((first, *(f"(?>[^/]*?{one})" for one in middle if one), "[^/]*", last))


def _members(text: str) -> str:
    """Ranges and escapes mean the same in both; what Python alone reads as special is escaped."""
    return re.sub(r"(?<!\\)[\[&~|^]", lambda found: f"\\{found[0]}", text)
