"""Validating documents in files: every problem, with its place."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from steersman.cli.exits import problem_line
from steersman.cli.given import Given, Output
from steersman.cli.show.plain import print_data
from steersman.cli.work.files import FileRead, read_files
from steersman.model.document import Problem

DATA = (Output.JSON, Output.YAML)


def show_problems(given: Given, paths: Iterable[Path]) -> int:
    """How many there are."""
    found = read_files(paths)
    if given.output in DATA:
        print_data([_view(each) for file in found for each in file.problems], given.output)
    else:
        for file in found:
            print("\n".join(_lines(file)))
    return sum(len(file.problems) for file in found)


def _lines(file: FileRead) -> list[str]:
    return [problem_line(each) for each in file.problems] or [f"{file.file}: ok"]


def _view(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.file,
        "line": problem.line,
        "path": problem.path,
        "message": problem.message,
        "didYouMean": problem.did_you_mean,
    }
