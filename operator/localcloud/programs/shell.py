"""The part of the shell's grammar that unit files use, as data.

A word keeps its quotes and substitutions; `expand` of the interpreter resolves them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

_OPERATORS = ("2>&1", "&&", "||", ">>", "2>", ";", "|", "&", ">", "<", "(", ")")
_REDIRECTIONS = frozenset({">>", "2>", ">", "<"})
_CLOSING = frozenset({"then", "elif", "else", "fi", "do", "done"})


class ShellSyntaxError(Exception):
    """The script is wrong, or outside of the part that is known here."""


@dataclass(frozen=True, slots=True)
class Simple:
    words: tuple[str, ...]
    redirections: tuple[tuple[str, str], ...] = ()  # operator, word


@dataclass(frozen=True, slots=True)
class If:
    condition: "Script"
    then: "Script"
    otherwise: "Script"


@dataclass(frozen=True, slots=True)
class Loop:
    condition: "Script"
    body: "Script"
    until: bool


Command = Simple | If | Loop


@dataclass(frozen=True, slots=True)
class Pipeline:
    """`after` is how it depends on the one before: `;`, `&&` or `||`."""

    commands: tuple[Command, ...]
    after: str = ";"


@dataclass(frozen=True, slots=True)
class Script:
    pipelines: tuple[Pipeline, ...] = ()


def parse(text: str) -> Script:
    tokens = _Tokens(_tokens(text))
    script = _script(tokens)
    if tokens.peek():
        msg = f"unexpected {tokens.peek()!r}"
        raise ShellSyntaxError(msg)
    return script


class _Tokens:
    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = tokens
        self._position = 0

    def peek(self) -> str:
        """The next token, or "" at the end."""
        return self._tokens[self._position] if self._position < len(self._tokens) else ""

    def take(self) -> str:
        token = self.peek()
        if not token:
            raise ShellSyntaxError("unexpected end")
        self._position += 1
        return token

    def expect(self, token: str) -> None:
        if self.take() != token:
            msg = f"expected {token!r}"
            raise ShellSyntaxError(msg)


def _script(tokens: _Tokens) -> Script:
    pipelines: list[Pipeline] = []
    after = ";"
    while tokens.peek() and tokens.peek() not in _CLOSING:
        if tokens.peek() == ";":
            tokens.take()
            continue
        pipelines.append(Pipeline(_pipeline(tokens), after))
        after = tokens.take() if tokens.peek() in {";", "&&", "||"} else ";"
    return Script(tuple(pipelines))


def _pipeline(tokens: _Tokens) -> tuple[Command, ...]:
    commands = [_command(tokens)]
    while tokens.peek() == "|":
        tokens.take()
        commands.append(_command(tokens))
    return tuple(commands)


def _command(tokens: _Tokens) -> Command:
    match tokens.peek():
        case "if":
            tokens.take()
            return _if(tokens)
        case "while" | "until" as word:
            tokens.take()
            return _loop(tokens, until=word == "until")
    return _simple(tokens)


def _if(tokens: _Tokens) -> If:
    condition = _script(tokens)
    tokens.expect("then")
    then = _script(tokens)
    match tokens.take():
        case "elif":
            return If(condition, then, Script((Pipeline((_if(tokens),)),)))
        case "else":
            otherwise = _script(tokens)
            tokens.expect("fi")
            return If(condition, then, otherwise)
        case "fi":
            return If(condition, then, Script())
    raise ShellSyntaxError("expected 'fi'")


def _loop(tokens: _Tokens, *, until: bool) -> Loop:
    condition = _script(tokens)
    tokens.expect("do")
    body = _script(tokens)
    tokens.expect("done")
    return Loop(condition, body, until)


def _simple(tokens: _Tokens) -> Simple:
    words: list[str] = []
    redirections: list[tuple[str, str]] = []
    while tokens.peek() and (tokens.peek() not in _OPERATORS or tokens.peek() in _REDIRECTIONS):
        token = tokens.take()
        if token in _REDIRECTIONS:
            redirections.append((token, tokens.take()))
        else:
            words.append(token)
    if not words and not redirections:
        msg = f"unexpected {tokens.peek()!r}"
        raise ShellSyntaxError(msg)
    return Simple(tuple(words), tuple(redirections))


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    while position < len(text):
        if text.startswith("\\\n", position):
            position += 2
        elif text[position] == "\n":
            tokens.append(";")
            position += 1
        elif text[position].isspace():
            position += 1
        elif text[position] == "#":
            position = _end_of_line(text, position)
        else:
            token = _token(text, position)
            position += len(token)
            tokens.append(token)
    # what goes to standard error is read by nobody, wherever it is sent
    return [token for token in tokens if token != "2>&1"]  # noqa: S105 - a shell token


def _token(text: str, start: int) -> str:
    operator = next((o for o in _OPERATORS if text.startswith(o, start)), None)
    return operator or text[start : _end_of_word(text, start)]


def _end_of_line(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _end_of_word(text: str, start: int) -> int:
    position = start
    while position < len(text) and not text[position].isspace() and text[position] not in ";|&<>()":
        position = end_of_part(text, position)
    return position


def end_of_part(text: str, start: int) -> int:
    """The end of a quotation, substitution, escape or plain character that begins at `start`."""
    if text[start] == "\\":
        return min(start + 2, len(text))
    if text[start] == "'":
        return _after(text, "'", start + 1)
    if text[start] == '"':
        return _end_of_group(text, start + 1, '"')
    if text.startswith("$(", start):
        return _end_of_group(text, start + 2, ")")
    return start + 1


def _end_of_group(text: str, start: int, closing: str) -> int:
    position = start
    while position < len(text) and text[position] != closing:
        quoted_here = closing == '"' and text[position] == "'"  # a plain character in "..."
        opened = closing == ")" and text[position] == "("
        if opened:
            position = _end_of_group(text, position + 1, ")")
        else:
            position = position + 1 if quoted_here else end_of_part(text, position)
    if position >= len(text):
        msg = f"no closing {closing}"
        raise ShellSyntaxError(msg)
    return position + 1


def _after(text: str, closing: str, start: int) -> int:
    end = text.find(closing, start)
    if end < 0:
        msg = f"no closing {closing}"
        raise ShellSyntaxError(msg)
    return end + 1
