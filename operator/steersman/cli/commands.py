"""The root of the commands: global options stand anywhere, errors become exit codes."""

import sys
from collections.abc import Iterable
from itertools import islice
from typing import Any

import typer
from typer.core import TyperGroup

from steersman.cli.exits import ExitCode, exit_code, told
from steersman.model.errors import SteersmanError

WITH_VALUE = frozenset({"-o", "--output", "--home", "--unit-store", "--api"})
FLAGS = frozenset({"--no-color"})


class Commands(TyperGroup):
    """Usage errors exit 64: typer's own 2 means that a plan has changes."""

    def make_context(self, info_name: str | None, args: list[str], *more: Any, **extra: Any) -> Any:
        try:
            return super().make_context(info_name, globals_first(args), *more, **extra)
        except typer.TyperException as error:
            error.exit_code = ExitCode.USAGE
            raise

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except typer.TyperException as error:
            error.exit_code = ExitCode.USAGE
            raise
        except SteersmanError as error:
            print(told(error), file=sys.stderr)
            raise typer.Exit(exit_code(error)) from error


def globals_first(args: Iterable[str]) -> list[str]:
    """The same arguments with the global options before the command, where typer wants them."""
    first: list[str] = []
    rest: list[str] = []
    words = iter(args)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word in WITH_VALUE:
            first += [word, *islice(words, 1)]
        elif _is_global(word):
            first.append(word)
        else:
            rest.append(word)
    return first + rest


def _is_global(word: str) -> bool:
    short_with_value = word.startswith("-o") and not word.startswith("--")
    return word in FLAGS or word.partition("=")[0] in WITH_VALUE or short_with_value
