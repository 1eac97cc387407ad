"""Runs a shell script of a unit file, as far as it tells what its main process will be."""

from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from functools import partial

from localcloud.programs.program import FOREVER, Program, Repeating
from localcloud.programs.shell import (
    If,
    Loop,
    Pipeline,
    Script,
    ShellSyntaxError,
    Simple,
    end_of_part,
    parse,
)

NESTING_MAX = 20  # of scripts in scripts
TEXT_CHARACTERS_MAX = 256 * 1024
KILLED_CODE = 137
ROUND_SECONDS_MIN = 1.0  # of a loop that does not sleep
_ENDLESS = tuple(Script((Pipeline((Simple((word,)),)),)) for word in ("true", ":", "/bin/true"))


class Becomes(Exception):  # noqa: N818 - not an error: the script ends in a process that stays
    """A command that does not come back: the unit is this program from now on."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.program = program


class Exited(Exception):  # noqa: N818 - not an error: `exit` was called
    """The script ends here."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Output:
    text: str = ""
    code: int = 0
    lasting: bool = False  # nobody knows this command: as a main process it runs on


CommandTable = Mapping[str, Callable[["Shell", Sequence[str], str], Output]]


@dataclass(slots=True)
class Shell:
    """`files` is the machine's disk; `elapsed_seconds` is what `sleep` adds up to."""

    commands: CommandTable
    files: MutableMapping[str, str]
    variables: dict[str, str]
    status: int = 0
    elapsed_seconds: float = 0
    depth: int = 0

    def run_text(self, text: str, given: str = "") -> Output:
        if self.depth >= NESTING_MAX:
            return Output(code=2)
        self.depth += 1
        try:
            return self.run(parse(text), given)
        finally:
            self.depth -= 1

    def run(self, script: Script, given: str = "") -> Output:
        text, last = "", Output()
        for pipeline in script.pipelines:
            if self._skips(pipeline):
                continue
            last = self._pipeline(pipeline, given)
            text = _held(text + last.text)
            self.status = last.code
        return Output(text, self.status if script.pipelines else 0, last.lasting)

    def command(self, words: Sequence[str], given: str = "") -> Output:
        if not words:
            return Output()
        name = words[0].rpartition("/")[2]
        known = self.commands.get(name)
        output = known(self, words[1:], given) if known else Output(lasting=True)
        _held(output.text)
        return output

    def expand(self, word: str) -> list[str]:
        """The fields of a word, without its quotes."""
        fields = [""]
        begun = False
        for part in _parts(word):
            quoted = part[0] in "'\"\\"
            pieces = [self._resolve(part)] if quoted else self._fields(part)
            begun = begun or quoted or bool(pieces and pieces[0])
            for number, piece in enumerate(pieces):
                if number:
                    fields.append(piece)
                else:
                    fields[-1] = _held(fields[-1] + piece)
        return fields if begun or len(fields) > 1 else []

    def _skips(self, pipeline: Pipeline) -> bool:
        return (pipeline.after == "&&" and self.status != 0) or (
            pipeline.after == "||" and self.status == 0
        )

    def _pipeline(self, pipeline: Pipeline, given: str) -> Output:
        output = Output(given)
        for command in pipeline.commands:
            match command:
                case Simple():
                    output = self._simple(command, output.text)
                case If():
                    met = self.run(command.condition).code == 0
                    output = self.run(command.then if met else command.otherwise, output.text)
                case Loop():
                    output = self._loop(command)
        return output

    def _loop(self, loop: Loop) -> Output:
        """A loop that waits for something is not looked at again: once it is entered, nothing here
        would end it. One that goes on by itself and works on etcd's keys does its rounds."""
        met = self.run(loop.condition).code == 0
        if met != loop.until:
            works = loop.condition in _ENDLESS and any("etcdctl" in w for w in _words(loop.body))
            raise Becomes(Repeating(partial(self._round, loop.body)) if works else FOREVER)
        return Output()

    def _round(self, body: Script) -> float | None:
        """What is beyond our grammar shows only when it is run: then, too, the process stays."""
        self.elapsed_seconds = 0
        try:
            self.run(body)
        except (Becomes, ShellSyntaxError, RecursionError):
            return None
        return max(self.elapsed_seconds, ROUND_SECONDS_MIN)

    def _simple(self, command: Simple, given: str) -> Output:
        words = list(command.words)
        while words and _is_assignment(words[0]):
            name, _, value = words.pop(0).partition("=")
            self.variables[name] = " ".join(self.expand(value))
        if not words and not command.redirections:
            return Output(code=self.status if "$(" in command.words[-1] else 0)
        for operator, word in command.redirections:
            if operator == "<":
                given = self.files.get(self._one(word), "")
        output = self.command([field for word in words for field in self.expand(word)], given)
        return self._redirected(command, output)

    def _redirected(self, command: Simple, output: Output) -> Output:
        """The file is written whatever became of the command, as a shell truncates it first."""
        for operator, word in command.redirections:
            path = self._one(word)
            if operator in {">", ">>"}:
                before = self.files.get(path, "") if operator == ">>" else ""
                if path != "/dev/null":
                    self.files[path] = _held(before + output.text)
                output = Output("", output.code, output.lasting)
        return output

    def _one(self, word: str) -> str:
        return " ".join(self.expand(word))

    def _fields(self, part: str) -> list[str]:
        """An unquoted substitution is split at blanks; its outer blanks are not kept."""
        text = self._resolve(part)
        return text.split() if part.startswith("$") else [text]

    def _resolve(self, part: str) -> str:
        match part[0]:
            case "'":
                return part[1:-1]
            case "\\":
                return part[1:]
            case '"':
                inner = _parts(part[1:-1], quoted=True)
                return "".join(self._resolve_quoted(piece) for piece in inner)
            case "$":
                return self._substitute(part)
        return part

    def _resolve_quoted(self, piece: str) -> str:
        """In double quotes a backslash is one, save before a few characters."""
        if piece.startswith("\\"):
            return piece[1:] if piece[1:] in {'"', "\\", "$", "`"} else piece
        return self._substitute(piece) if piece.startswith("$") else piece

    def _substitute(self, part: str) -> str:
        if part.startswith("$("):
            output = self.run_text(part[2:-1])
            self.status = output.code
            return output.text.rstrip("\n")
        if part == "$?":
            return str(self.status)
        return self.variables.get(part[1:].strip("{}"), "") if len(part) > 1 else part


def _words(script: Script) -> Iterator[str]:
    """Of all commands in it, as they are written."""
    for pipeline in script.pipelines:
        for command in pipeline.commands:
            match command:
                case Simple():
                    yield from command.words
                case If():
                    for part in (command.condition, command.then, command.otherwise):
                        yield from _words(part)
                case Loop():
                    yield from _words(command.condition)
                    yield from _words(command.body)


def _held(text: str) -> str:
    """What a process can hold; one that wants more is killed."""
    if len(text) > TEXT_CHARACTERS_MAX:
        raise Exited(KILLED_CODE)
    return text


def _is_assignment(word: str) -> bool:
    name, equals, _ = word.partition("=")
    return bool(equals) and name.isidentifier()


def _parts(word: str, *, quoted: bool = False) -> list[str]:
    """Quotations, substitutions and the plain text between them."""
    parts: list[str] = []
    position = 0
    while position < len(word):
        end = _end_of_part(word, position, quoted=quoted)
        parts.append(word[position:end])
        position = end
    return parts


def _end_of_part(word: str, start: int, *, quoted: bool) -> int:
    if word[start] == "$" and not word.startswith("$(", start):
        return _end_of_variable(word, start + 1)
    if quoted and word[start] in "'\"":
        return start + 1
    return end_of_part(word, start)


def _end_of_variable(word: str, start: int) -> int:
    if word.startswith("{", start):
        return word.find("}", start) + 1 or len(word)
    if word.startswith("?", start):
        return start + 1
    end = start
    while end < len(word) and (word[end].isalnum() or word[end] == "_"):
        end += 1
    return end
