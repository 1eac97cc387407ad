"""A daemon whose writes to the unit store pass and whose reads fail, in virtual time."""

import asyncio
import json
from collections.abc import Callable

import pytest

from tests.simulation.story import DAEMON, Story
from tests.simulation.test_doubt import CONFIG, LIMIT_SECONDS, at_rest, overwrite
from tests.simulation.test_shrinking import ask
from tests.support.virtual import run_virtual

DOCUMENT = "configkey/elasticsearch"
NEW = "cluster.name: es-prod\nindex.number_of_shards: 3\n"


def outcomes(told: Story) -> list[str | None]:
    """Of the writes of the key: what their events say."""
    _, entries = told.home.under("/steersman/events/")
    events = [json.loads(each.value) for each in entries]
    return [each["outcome"] for each in events if each["action"] == "PutKey"]


CASES = [
    pytest.param(lambda _told: None, ["ok"], id="a write whose effect is not seen"),
    pytest.param(
        overwrite, ["error"], id="a write that is refused, as somebody has changed the key"
    ),
]


@pytest.mark.parametrize(("before", "once"), CASES)
def test_who_cannot_look_does_not_write_again(
    before: Callable[[Story], None], once: list[str]
) -> None:
    async def tell() -> None:
        async with at_rest(seed=36) as told:
            written = len(outcomes(told))
            way = told.stage.daemons[DAEMON].ways["unit"]
            way.blinds += 1
            before(told)
            ask(told, DOCUMENT, value=NEW)
            await asyncio.sleep(200)
            assert outcomes(told)[written:] == once

            way.blinds -= 1
            await told.until_ready(120)
            entry = told.unit.get(CONFIG)
            assert entry is not None
            assert entry.value.decode() == NEW

    run_virtual(tell(), limit_seconds=LIMIT_SECONDS)
