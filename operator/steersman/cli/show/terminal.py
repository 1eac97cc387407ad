"""Tables on a terminal: aligned columns, a little colour where it helps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from steersman.cli.given import Given
from steersman.cli.show.escaping import short, words

GAP = "  "
SENTENCES = frozenset({"MESSAGE", "WHY"})  # columns that are not cut to the length of a name
STYLES = {
    "Ready": "green",
    "Waiting": "yellow",
    "Unknown": "yellow",
    "Paused": "yellow",
    "Deleting": "yellow",
    "NeedsYou": "magenta",
    "NotReady": "red",
    "Rejected": "red",
    "Warning": "yellow",
    "+": "green",
    "~": "yellow",
    "-": "red",
}


@dataclass(frozen=True, slots=True)
class Table:
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Block:
    """A table under a title."""

    title: str
    table: Table


class Terminal:
    """A terminal wraps long lines. Nothing that comes from outside reaches it as it is."""

    def __init__(self, given: Given) -> None:
        self._console = Console(
            highlight=False, markup=False, emoji=False, no_color=not given.color or None
        )

    def line(self, text: str | Text) -> None:
        self._console.print(words(text) if isinstance(text, str) else text, soft_wrap=True)

    def table(self, table: Table) -> None:
        for text in lines(table):
            self.line(text)

    def blocks(self, blocks: Iterable[Block]) -> None:
        for at, block in enumerate(blocks):
            if at:
                self.line("")
            self.line(block.title)
            self.table(block.table)


def lines(table: Table) -> list[Text]:
    """The last column is not padded. Without columns' names there is no heading."""
    heading = [tuple(table.columns)] if any(table.columns) else []
    cells = [*heading, *(_harmless(row, table.columns) for row in table.rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [_line(row, widths) for row in cells]


def _harmless(row: Sequence[str], columns: Sequence[str]) -> tuple[str, ...]:
    *before, last = zip(row, columns, strict=True)
    said = (words(text) if column in SENTENCES else short(text) for text, column in before)
    return (*said, words(last[0]))


def _line(row: Sequence[str], widths: Sequence[int]) -> Text:
    text = Text()
    for cell, width in zip(row, widths, strict=True):
        text.append(cell, STYLES.get(cell, ""))
        text.append(" " * (width - len(cell)) + GAP)
    text.rstrip()
    return text
