"""Notices: what people are to know of before they wonder why nothing happens."""

from datetime import datetime

import pytest

from steersman.engine.notices import notices
from steersman.model.circuit import Breaker, Circuit
from steersman.model.hold import Hold, Rewound
from steersman.model.requests import Request, Scope, Verb
from steersman.model.world import World
from tests.engine.builders import NOW, after

LATER = after(50)


def pause(id_: str, scope: Scope, until: datetime | None = None) -> Request:
    return Request(id_, Verb.PAUSE, scope, until=until, reason="night", author="ana")


def asking(*requests: Request) -> World:
    return World(requests={each.id: each for each in requests})


def hold(until: datetime = LATER) -> Hold:
    return Hold("fleet-1a2b", "fleet", "machines", (), 9, NOW, until)


LOOKED_AT = {"r": Request("r", Verb.ACKNOWLEDGE, hold="fleet-1a2b", at=NOW)}
ZONE = Circuit("compute", "europe-west1-b")

TOLD = [
    pytest.param(World(), [], id="nothing holds anybody"),
    pytest.param(
        asking(pause("1", Scope("unit", "es", "@1")), pause("2", Scope(), after(60))),
        [("pause", "all", after(60)), ("pause", "unit/es@1", None)],
        id="pauses, the widest first",
    ),
    pytest.param(asking(pause("1", Scope(), NOW)), [], id="no pause that is over"),
    pytest.param(
        World(holds={"fleet-1a2b": hold()}),
        [("hold", "fleet-1a2b", after(50))],
        id="a loss that is not believed",
    ),
    pytest.param(World(holds={"fleet-1a2b": hold(NOW)}), [], id="no loss that has settled"),
    pytest.param(
        World(holds={"fleet-1a2b": hold()}, requests=LOOKED_AT),
        [],
        id="no loss that somebody has looked at",
    ),
    pytest.param(
        World(rewound={"home": Rewound("home", NOW, 9, 4)}),
        [("hold", "home-rewound", None)],
        id="a store that went back",
    ),
    pytest.param(
        World(circuits={ZONE: Breaker((), after(30), "stockout"), Circuit("fleet"): Breaker()}),
        [("circuit", "compute europe-west1-b", after(30))],
        id="where calls fail for everybody",
    ),
]


@pytest.mark.parametrize(("world", "told"), TOLD)
def test_what_people_are_to_notice(
    world: World, told: list[tuple[str, str, datetime | None]]
) -> None:
    found = notices(world, NOW)

    assert [(each.kind, each.name, each.until) for each in found] == told


def test_a_notice_says_who_did_it_or_how_to_end_it() -> None:
    paused, held = (
        next(notices(world, NOW)).message
        for world in (asking(pause("1", Scope("unit"))), World(holds={"fleet-1a2b": hold()}))
    )
    assert paused == "unit is paused by ana: night"
    assert held.endswith("(steersman acknowledge fleet-1a2b)")
