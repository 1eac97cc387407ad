"""Requests as they stand in home: read, dated, refused by name, over in the end."""

import json
from datetime import timedelta
from typing import Any

import pytest

from steersman.engine.requests import (
    LIFETIMES,
    REQUESTS,
    REQUESTS_MAX,
    acknowledged,
    dated,
    next_end,
    over,
    pause_of,
    read,
    read_all,
    standing,
)
from steersman.model.plan import Target
from steersman.model.ports import Item
from steersman.model.requests import Request, Scope, Verb
from steersman.model.world import World
from tests.engine.builders import NOW, A, B, after
from tests.engine.toy import KINDS

TARGET = Target("compute", "a")


def item(value: Any, name: str = "r", *, created: int = 1) -> Item:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Item(f"{REQUESTS}{name}", text, revision=created, created=created)


GOOD = [
    pytest.param(
        {"verb": "pause", "ref": "lamp/a", "reason": "moving house", "author": "ana@laptop"},
        Request("r", Verb.PAUSE, Scope("lamp", "a"), reason="moving house", author="ana@laptop"),
        id="a pause",
    ),
    pytest.param({"verb": "pause", "ref": "all"}, Request("r", Verb.PAUSE), id="of everything"),
    pytest.param(
        {"verb": "pause", "ref": "lp", "until": "2014-09-01T12:00:00Z"},
        Request("r", Verb.PAUSE, Scope("lamp"), until=NOW),
        id="of a kind, with an end",
    ),
    pytest.param(
        b"verb: approve\nref: lamp/a\ndigest: 0a1b2c3d\n",
        Request("r", Verb.APPROVE, Scope("lamp", "a"), digest="0a1b2c3d"),
        id="an approval, as YAML",
    ),
    pytest.param(
        {"verb": "acknowledge", "ref": "fleet-1a2b"},
        Request("r", Verb.ACKNOWLEDGE, hold="fleet-1a2b"),
        id="an acknowledgement of a hold",
    ),
]


@pytest.mark.parametrize(("value", "request_"), GOOD)
def test_a_request_is_read(value: Any, request_: Request) -> None:
    assert read(item(value), KINDS) == request_


BAD = [
    pytest.param(b"\xff", "not UTF-8", id="no text"),
    pytest.param(b"- pause", "mapping", id="no mapping"),
    pytest.param(b"verb: [", "not YAML", id="no YAML"),
    pytest.param({"ref": "lamp/a"}, "verb: required", id="no verb"),
    pytest.param({"verb": "destroy", "ref": "lamp/a"}, "verb", id="an unknown verb"),
    pytest.param({"verb": "pause"}, "ref: required", id="no reference"),
    pytest.param({"verb": "pause", "ref": "lmap/a"}, "did you mean lamp", id="an unknown kind"),
    pytest.param(
        {"verb": "pause", "ref": "all", "untill": "2014-09-01T12:00:00Z"},
        "did you mean until",
        id="an unknown field",
    ),
    pytest.param(
        {"verb": "pause", "ref": "all", "until": "2014-09-01T12:00:00"},
        "until",
        id="a time without a zone",
    ),
    pytest.param({"verb": "approve", "ref": "lamp/a"}, "digest", id="an approval of nothing"),
    pytest.param(
        {"verb": "approve", "ref": "lamp", "digest": "0a1b2c3d"}, "name one", id="for a whole kind"
    ),
    pytest.param(
        {"verb": "restart", "ref": "lamp/a"}, "cannot be restarted", id="a restart of what cannot"
    ),
    pytest.param({"verb": "pause", "ref": "all", "reason": "x" * 501}, "500", id="a long story"),
]


@pytest.mark.parametrize(("value", "told"), BAD)
def test_a_bad_request_is_refused_by_name_and_spoils_no_other(value: Any, told: str) -> None:
    good = item({"verb": "pause", "ref": "all"}, "good")
    found = read_all([item(value, "bad"), good], KINDS)

    assert list(found.requests) == ["good"]
    (refused,) = found.refused
    assert refused.path == f"{REQUESTS}bad"
    assert told in refused.message


def test_of_too_many_the_oldest_are_read_and_the_others_told() -> None:
    value = {"verb": "pause", "ref": "all"}
    many = [item(value, str(at), created=at) for at in reversed(range(REQUESTS_MAX + 2))]
    found = read_all(many, KINDS)

    assert set(found.requests) == {str(at) for at in range(REQUESTS_MAX)}
    (surplus,) = found.refused
    assert surplus.path == REQUESTS


@pytest.mark.parametrize("verb", ["approve", "retry", "acknowledge"])
def test_a_dated_request_has_its_time_and_an_end(verb: str) -> None:
    given = item({"verb": verb, "ref": "lamp/a", "digest": "0a1b2c3d", "reason": "why"})
    before = read(given, KINDS)
    found = read(item(dated(given, before, NOW)), KINDS)

    assert (found.at, found.until) == (NOW, NOW + LIFETIMES[found.verb])
    assert (found.verb, found.scope, found.digest, found.hold, found.reason) == (
        before.verb,
        before.scope,
        before.digest,
        before.hold,
        before.reason,
    )


def test_a_pause_without_an_end_gets_none_and_a_given_end_stays() -> None:
    endless = item({"verb": "pause", "ref": "all"})
    ending = item({"verb": "approve", "ref": "lamp/a", "digest": "0a1b2c3d", "until": _iso(5)})

    for given, until in ((endless, None), (ending, after(5))):
        assert read(item(dated(given, read(given, KINDS), NOW)), KINDS).until == until


def test_a_request_is_over_at_its_end() -> None:
    requests = [
        Request("1", Verb.PAUSE),
        Request("2", Verb.PAUSE, until=NOW),
        Request("3", Verb.PAUSE, until=after(9)),
        Request("4", Verb.PAUSE, until=after(5)),
    ]

    assert [over(each, NOW) for each in requests] == [False, True, False, False]
    assert next_end(requests, NOW) == after(5)


def test_those_that_are_over_do_not_stand_and_one_that_is_dated_ahead_is_not_dated() -> None:
    requests = {
        "over": Request("over", Verb.RETRY, at=NOW, until=NOW),
        "dated": Request("dated", Verb.RETRY, at=NOW),
        "ahead": Request("ahead", Verb.RETRY, at=after(1)),
    }
    assert {name: each.at for name, each in standing(requests, NOW).items()} == {
        "dated": NOW,
        "ahead": None,
    }


PAUSES = {
    "1": Request("1", Verb.PAUSE, Scope("lamp", "a"), until=after(60)),
    "2": Request("2", Verb.PAUSE, Scope("lamp", "a", "a")),
    "3": Request("3", Verb.PAUSE, Scope("lamp"), until=after(30)),
}


def test_of_several_pauses_the_one_that_holds_longest_is_told() -> None:
    assert pause_of(PAUSES, A, TARGET, NOW) == PAUSES["2"]
    assert pause_of(PAUSES, B, Target("compute", "b"), NOW) == PAUSES["3"]
    assert pause_of(PAUSES, B, Target("compute", "b"), after(30)) is None


def test_a_pause_of_the_whole_is_told_before_one_of_a_member() -> None:
    assert pause_of(PAUSES, A, None, NOW) == PAUSES["1"]
    assert pause_of(PAUSES, A, None, after(60)) == PAUSES["2"]


def test_a_hold_is_acknowledged_by_its_own_name_only() -> None:
    said = Request("r", Verb.ACKNOWLEDGE, hold="fleet-1a2b", at=NOW, until=after(60))
    world = World(requests={"r": said})

    assert acknowledged(world, "fleet-1a2b", NOW)
    assert not acknowledged(world, "fleet-3c4d", NOW)
    assert not acknowledged(world, "fleet-1a2b", NOW + timedelta(seconds=60))


def _iso(seconds: float) -> str:
    return after(seconds).isoformat()
