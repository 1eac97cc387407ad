"""From a unit file to the program that its machine runs, or to the failure of its start."""

from collections.abc import MutableMapping, Sequence

from localcloud.programs.commands import Answers, command_table, nobody_answers
from localcloud.programs.interpreter import Becomes, CommandTable, Exited, Output, Shell
from localcloud.programs.program import FOREVER, Process, Program
from localcloud.programs.shell import ShellSyntaxError
from localcloud.programs.systemd import BadUnitError, Command, Service, service
from localcloud.seams import Keys, Option


def start_unit(
    unit: str,
    options: Sequence[Option],
    files: MutableMapping[str, str],
    keys: Keys,
    answers: Answers = nobody_answers,
) -> Program | None:
    """`files` is the machine's disk, which the unit's commands read and write.

    None: the unit failed before its main process, or has none.
    """
    try:
        parsed = service(unit, options, files)
    except BadUnitError:
        return None
    table = command_table(keys, answers)
    if not parsed.main or not all(_prepared(table, files, parsed, c) for c in parsed.before):
        return None
    return _main(table, files, parsed)


def stop_unit(
    unit: str,
    options: Sequence[Option],
    files: MutableMapping[str, str],
    keys: Keys,
    answers: Answers,
) -> None:
    """What ExecStop= does, up to its first failure."""
    try:
        parsed = service(unit, options, files)
    except BadUnitError:
        return
    table = command_table(keys, answers)
    all(_prepared(table, files, parsed, command) for command in parsed.after)


def _prepared(
    table: CommandTable, files: MutableMapping[str, str], parsed: Service, command: Command
) -> bool:
    program = _run(table, files, parsed, command)
    return command.may_fail or program.code == 0


def _main(table: CommandTable, files: MutableMapping[str, str], parsed: Service) -> Program:
    """A oneshot runs all its commands in turn, and ends; another type has one that stays."""
    if parsed.type != "oneshot":
        return _program(table, files, parsed, parsed.main[-1])
    ran = [_run(table, files, parsed, command) for command in parsed.main]
    seconds = sum(process.ends_after_seconds or 0 for process in ran)
    return Process(seconds, next((process.code for process in ran if process.code), 0))


def _run(
    table: CommandTable, files: MutableMapping[str, str], parsed: Service, command: Command
) -> Process:
    """A command that is waited for: one that would stay counts as done."""
    program = _program(table, files, parsed, command)
    return program if isinstance(program, Process) else FOREVER


def _program(
    table: CommandTable, files: MutableMapping[str, str], parsed: Service, command: Command
) -> Program:
    shell = Shell(table, files, dict(parsed.environment))
    try:
        output = shell.command(command.argv)
    except Becomes as becomes:
        return becomes.program
    except Exited as exited:
        output = Output(code=exited.code)
    except (ShellSyntaxError, RecursionError):
        return FOREVER  # a script beyond our grammar is a plain process, like any other program
    if output.lasting:
        return FOREVER
    return Process(shell.elapsed_seconds, output.code)
