"""What a scrape tells of people: pauses, holds that wait for them, requests that cannot be used."""

import math
from typing import Any

import pytest

from steersman.model.hold import Hold
from steersman.model.requests import Request, Scope, Verb
from steersman.model.world import Rejected, World
from tests.engine.builders import world
from tests.telemetry.samples import ago, named, scraped


def pause(scope: Scope, until_seconds: float | None = None) -> Request:
    until = None if until_seconds is None else ago(-until_seconds)
    return Request(f"{scope} {until}", Verb.PAUSE, scope, until=until)


PAUSES = [
    pytest.param(Scope(), "all", id="everything"),
    pytest.param(Scope("lamp"), "kind", id="a kind"),
    pytest.param(Scope("lamp", "a"), "resource", id="a resource"),
    pytest.param(Scope("lamp", "a", "@1"), "member", id="a member"),
]


@pytest.mark.parametrize(("scope", "word"), PAUSES)
def test_a_pause_is_told_by_how_much_it_holds(scope: Scope, word: str) -> None:
    found = scraped(world(requests={"p": pause(scope, 60)}))

    counted = named("steersman_paused", found)
    assert {labels for labels, count in counted.items() if count} == {(word,)}
    ends = named("steersman_pause_expiry_timestamp_seconds", found)
    assert ends == {(word,): ago(-60).timestamp()}


ENDS = [
    pytest.param([60, 90], ago(-90).timestamp(), id="the last one ends them all"),
    pytest.param([60, None], math.inf, id="one never ends by itself"),
    pytest.param([60, -1], ago(-60).timestamp(), id="one is over"),
]


@pytest.mark.parametrize(("seconds", "end"), ENDS)
def test_pauses_of_a_scope_end_with_the_last(seconds: list[float | None], end: float) -> None:
    requests = {str(at): pause(Scope(), each) for at, each in enumerate(seconds)}
    found = scraped(world(requests=requests))

    assert found["steersman_pause_expiry_timestamp_seconds", "all"] == end


def hold(name: str = "compute-1", **changes: Any) -> Hold:
    ordinary = {"since": ago(10), "until": ago(-50), "lost": (), "total": 9}
    return Hold(name, "compute", "instances", **{**ordinary, **changes})


LOOKED = {"r": Request("r", Verb.ACKNOWLEDGE, hold="compute-1", at=ago(1))}
HOLDS = [
    pytest.param(world(holds={"compute-1": hold()}), 1, id="in force"),
    pytest.param(world(holds={"compute-1": hold(until=ago(1))}), 0, id="settled"),
    pytest.param(world(holds={"compute-1": hold()}, requests=LOOKED), 0, id="acknowledged"),
    pytest.param(
        world(holds={"compute-2": hold("compute-2")}, requests=LOOKED), 1, id="another's occasion"
    ),
    pytest.param(world(), 0, id="none"),
]


@pytest.mark.parametrize(("seen", "count"), HOLDS)
def test_losses_that_are_not_believed_are_counted(seen: World, count: int) -> None:
    assert scraped(seen)["steersman_holds", "compute"] == count


def test_requests_that_cannot_be_used_are_counted() -> None:
    found = scraped(world(refused=(Rejected("/steersman/requests/x", "no verb"),)))

    assert found["steersman_requests_refused",] == 1
