"""The operator's records, as commands read them: what cannot be read is told, and passed over."""

from collections.abc import Iterable

from steersman.cli.show.aside import aside
from steersman.cli.show.several import several
from steersman.engine.home.happened import happened
from steersman.model.ports import Item
from steersman.model.views import JSON, told_status

NAMED_MAX = 3


def events_in(items: Iterable[Item]) -> tuple[JSON, ...]:
    """Oldest first; with a word on standard error about those that are none."""
    found = happened(items)
    if found.unreadable:
        named = several(found.unreadable, NAMED_MAX)
        aside(f"steersman: left out, no event that can be read: {named}")
    return found.events


def status_in(item: Item | None) -> JSON | None:
    """None: there is none that can be read."""
    try:
        return told_status(item.value) if item else None
    except ValueError:
        return None
