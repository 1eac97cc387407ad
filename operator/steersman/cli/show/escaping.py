"""Text from outside, made harmless for a terminal: nothing in it steers one, and it ends."""

SHORT_CHARACTERS_MAX = 80  # of what names something: `kind/name` has at most 77
TEXT_CHARACTERS_MAX = 2000
CUT = "..."


def short(text: str, characters_max: int = SHORT_CHARACTERS_MAX) -> str:
    """Beside others in a line: one that is long would move them all."""
    return _cut(escaped(text), characters_max)


def words(text: str) -> str:
    """At the end of a line, or a line by itself."""
    return _cut(escaped(text), TEXT_CHARACTERS_MAX)


def escaped(text: str) -> str:
    """Control characters, line ends and marks of direction are spelled out, as Python does it."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else _spelled(each) for each in text)


def _spelled(character: str) -> str:
    return character.encode("unicode_escape").decode()


def _cut(text: str, characters_max: int) -> str:
    if len(text) <= characters_max:
        return text
    return text[: characters_max - len(CUT)] + CUT
