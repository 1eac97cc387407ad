"""docs/SETTINGS.md and the daemon agree: every setting has its row, with its default."""

import re
from pathlib import Path

from pydantic_core import PydanticUndefined

from steersman.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "SETTINGS.md"
ROW = re.compile(r"\| `STEERSMAN_(?P<name>[A-Z0-9_]+)` \| `?(?P<default>[^|`]+)`? \| [^|]+ \|")
TOLD = {PydanticUndefined: "required", None: "none"}


def test_every_setting_has_its_row_with_its_default() -> None:
    rows = [ROW.fullmatch(line) for line in PAGE.read_text().splitlines() if "| `" in line]
    documented = [(row["name"], row["default"]) for row in rows if row]
    there = {
        (name.upper(), TOLD.get(field.default) or str(field.default))
        for name, field in Settings.model_fields.items()
    }
    assert sorted(documented) == sorted(there)
