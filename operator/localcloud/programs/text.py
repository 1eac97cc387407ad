"""The text filters of a pipeline: pure functions from arguments and input to output."""

import re
from collections.abc import Callable, Sequence

_BASIC_SWAPS = "(){}+?|"  # plain characters in a basic expression, operators behind a backslash


def sed(arguments: Sequence[str], text: str) -> str:
    """Substitutions only, one an argument."""
    extended = any(argument in {"-r", "-E"} for argument in arguments)
    for expression in (a for a in arguments if not a.startswith("-")):
        text = _substitute(expression, text, extended=extended)
    return text


def paste(arguments: Sequence[str], text: str) -> str:
    """`-s -d,`: all lines as one."""
    flags, delimiter = _option("d", arguments, default="\t")
    return _lines([delimiter.join(text.splitlines())]) if "s" in flags else text


def tr(arguments: Sequence[str], text: str) -> str:
    names = [_unescaped(argument) for argument in arguments if not argument.startswith("-")]
    if "-d" in arguments:
        return text.translate(str.maketrans("", "", names[0]))
    source, target = names
    return text.translate(str.maketrans(source, target.ljust(len(source), target[-1])))


def sort(arguments: Sequence[str], text: str) -> str:
    lines = sorted(text.splitlines(), reverse="-r" in arguments)
    return _lines(list(dict.fromkeys(lines)) if "-u" in arguments else lines)


def head(arguments: Sequence[str], text: str) -> str:
    count = next((a.lstrip("-n") for a in reversed(arguments) if a.lstrip("-n").isdigit()), "10")
    return _lines(text.splitlines()[: int(count)])


def grep(arguments: Sequence[str], text: str) -> str:
    pattern = _regex(next(a for a in arguments if not a.startswith("-")), extended=False)
    keep = "-v" not in arguments
    return _lines([line for line in text.splitlines() if bool(pattern.search(line)) is keep])


def cut(arguments: Sequence[str], text: str) -> str:
    """`-d X -f N`: one field of each line."""
    _, delimiter = _option("d", arguments, default="\t")
    _, field = _option("f", arguments, default="1")
    rows = [line.split(delimiter) for line in text.splitlines()]
    return _lines([row[int(field) - 1] if len(row) >= int(field) else "" for row in rows])


FILTERS: dict[str, Callable[[Sequence[str], str], str]] = {
    "sed": sed,
    "paste": paste,
    "tr": tr,
    "sort": sort,
    "head": head,
    "grep": grep,
    "cut": cut,
}


def _lines(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _substitute(command: str, text: str, *, extended: bool) -> str:
    if not command.startswith("s") or len(command) < 2:
        msg = f"sed: unknown command {command!r}"
        raise ValueError(msg)
    delimiter = command[1]
    pattern, replacement, flags = _split_at(command[2:], delimiter)
    regex = _regex(pattern, extended=extended)
    count = 0 if "g" in flags else 1
    target = re.sub(r"(?<!\\)&", r"\\g<0>", replacement)
    return _lines([regex.sub(target, line, count=count) for line in text.splitlines()])


def _split_at(text: str, delimiter: str) -> tuple[str, str, str]:
    """Pattern, replacement, flags; an escaped delimiter is a plain character."""
    parts = re.split(rf"(?<!\\){re.escape(delimiter)}", text)
    if len(parts) != 3:
        msg = f"sed: unterminated substitution {text!r}"
        raise ValueError(msg)
    pattern, replacement, flags = (part.replace(f"\\{delimiter}", delimiter) for part in parts)
    return pattern, replacement, flags


def _regex(pattern: str, *, extended: bool) -> re.Pattern[str]:
    """A basic expression has backslashes where an extended one, like Python's, has none."""
    if extended:
        return re.compile(pattern)
    swapped = re.sub(r"\\?.", lambda match: _swap(match[0]), pattern)
    return re.compile(swapped)


def _swap(token: str) -> str:
    if token in _BASIC_SWAPS:
        return f"\\{token}"
    return token[1:] if len(token) == 2 and token[1] in _BASIC_SWAPS else token


def _option(letter: str, arguments: Sequence[str], default: str) -> tuple[str, str]:
    """All flags, and the value of one of them: `-s -d ,`, `-sd,` and `-d','` mean the same."""
    flags, value = "", default
    waiting = False
    for argument in arguments:
        if waiting:
            value, waiting = argument, False
        elif argument.startswith("-"):
            before, found, after = argument[1:].partition(letter)
            flags += before + found
            value, waiting = (after or value), bool(found and not after)
    return flags, _unescaped(value)


def _unescaped(text: str) -> str:
    return text.replace("\\n", "\n").replace("\\t", "\t")
