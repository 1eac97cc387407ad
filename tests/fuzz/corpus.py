"""The inputs that are kept: good ones to begin from, and those that once broke a parser.

Each family has a folder: `good/` holds recorded or written bodies that its parser accepts,
`found/` one file for each input that it did not survive, which is tried first for ever after.
"""

from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"


def good(family: str) -> tuple[bytes, ...]:
    kept = _kept(CORPUS / family / "good")
    assert kept, f"{family} has nothing to begin from"
    return kept


def found(family: str) -> tuple[bytes, ...]:
    return _kept(folder(family))


def folder(family: str) -> Path:
    """Where what is found is kept."""
    return CORPUS / family / "found"


def _kept(folder: Path) -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted(folder.glob("*")))
