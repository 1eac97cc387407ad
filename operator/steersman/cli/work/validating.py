"""Validating documents in files: every problem and every warning, with its place."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from steersman.cli.exits import problem_line
from steersman.cli.given import Given, Output
from steersman.cli.show.plain import print_data
from steersman.cli.work.crossing import circles, missing, waiting
from steersman.cli.work.files import FileRead, read_files
from steersman.cli.work.rivals import clashes
from steersman.model.document import Problem

DATA = (Output.JSON, Output.YAML)


def show_problems(given: Given, paths: Iterable[Path]) -> int:
    """How many there are. Warnings are shown, and are no problems."""
    found = tuple(_found(read_files(paths)))
    if given.output in DATA:
        print_data([view for file in found for view in _views(file)], given.output)
    else:
        for file in found:
            print("\n".join(_lines(file)))
    return sum(len(file.problems) for file in found)


@dataclass(frozen=True, slots=True)
class _Found:
    """What is to be said of a file."""

    file: str
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def _found(files: Sequence[FileRead]) -> Iterator[_Found]:
    wrong = (*circles(files, {}), *clashes(files, {}))
    unwise = tuple(missing(files, waiting(files), "in none of these files"))
    for file in files:
        own = (each for document in file.documents for each in document.warnings)
        yield _Found(
            file.file,
            (*file.problems, *(each for each in wrong if each.file == file.file)),
            (*own, *(each for each in unwise if each.file == file.file)),
        )


def _lines(found: _Found) -> list[str]:
    warnings = [problem_line(each, "warning") for each in found.warnings]
    return warnings + ([problem_line(each) for each in found.problems] or [f"{found.file}: ok"])


def _views(found: _Found) -> Iterator[dict[str, Any]]:
    for each in found.problems:
        yield _view(each, "error")
    for each in found.warnings:
        yield _view(each, "warning")


def _view(problem: Problem, severity: str) -> dict[str, Any]:
    return {
        "file": problem.file,
        "line": problem.line,
        "path": problem.path,
        "message": problem.message,
        "didYouMean": problem.did_you_mean,
        "severity": severity,
    }
