"""How commands end: the exit codes that scripts read, and what each error ends with."""

from enum import IntEnum

from steersman.cli.show.escaping import words
from steersman.model.document import DocumentError, Problem
from steersman.model.errors import SteersmanError, UnreachableError


class ExitCode(IntEnum):
    OK = 0
    ERROR = 1
    CHANGES = 2  # `plan --detailed-exitcode` has steps
    TIMED_OUT = 3
    NOT_FOUND = 4
    INVALID_DOCUMENT = 5
    UNREACHABLE = 6  # a store or the daemon
    USAGE = 64


class UsageError(SteersmanError):
    """The command was called with something that it cannot mean."""


class NotFoundError(SteersmanError):
    """What was asked for by name is not there."""


class RefusedError(SteersmanError):
    """What was asked for by name is there, and was not accepted."""


class TimedOutError(SteersmanError):
    """What was waited for did not come in time; each detail is a line of its own."""

    def __init__(self, message: str, *details: str) -> None:
        super().__init__(message)
        self.details = details


_CODES = (
    (UsageError, ExitCode.USAGE),
    (NotFoundError, ExitCode.NOT_FOUND),
    (TimedOutError, ExitCode.TIMED_OUT),
    (DocumentError, ExitCode.INVALID_DOCUMENT),
    (RefusedError, ExitCode.INVALID_DOCUMENT),
    (UnreachableError, ExitCode.UNREACHABLE),
)


def exit_code(error: SteersmanError) -> ExitCode:
    return next((code for kind, code in _CODES if isinstance(error, kind)), ExitCode.ERROR)


def told(error: SteersmanError) -> str:
    """What stands on standard error."""
    if isinstance(error, DocumentError):
        return "\n".join(map(problem_line, error.problems))
    said = error.message if isinstance(error, UnreachableError) else str(error)
    details = error.details if isinstance(error, TimedOutError) else ()
    return "\n".join([words(f"steersman: {said}"), *(words(f"  {each}") for each in details)])


def problem_line(problem: Problem, severity: str = "") -> str:
    """FILE:LINE: [SEVERITY:] PATH: MESSAGE, as editors and compilers have it."""
    place = ":".join(str(each) for each in (problem.file, problem.line) if each is not None)
    hint = f" (did you mean {problem.did_you_mean}?)" if problem.did_you_mean else ""
    told_parts = (place, severity, problem.path, problem.message + hint)
    return words(": ".join(each for each in told_parts if each))
