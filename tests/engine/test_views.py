"""Views: the JSON that people and scripts read has the shapes that they were promised."""

import json
from datetime import datetime, timedelta, timezone

import pytest

from steersman.model.drift import Difference
from steersman.model.kind import Verdict
from steersman.model.notice import Notice
from steersman.model.plan import Effect, Waiting
from steersman.model.status import Condition, Status, same
from steersman.model.unmanaged import Unmanaged
from steersman.model.views import (
    listing_view,
    resource_view,
    status_of,
    status_view,
    step_view,
    time_view,
)
from tests.engine.builders import NOW, after, lamp, step

STATUS = Status(
    (Condition("Ready", "True", "Lit", "it shines", NOW),),
    {"color": "red", "members": ({"name": "a"},)},
    (Waiting("compute:a", "backoff", "BackingOff", after(30), "failed 2 times"),),
)
STATUS_JSON = {
    "observedRevision": {"store": "home", "revision": 7, "sha256": "0" * 64},
    "conditions": [
        {
            "type": "Ready",
            "status": "True",
            "reason": "Lit",
            "message": "it shines",
            "lastTransitionTime": "2014-09-01T12:00:00Z",
        }
    ],
    "summary": {"color": "red", "members": [{"name": "a"}]},
    "waiting": [
        {
            "target": "compute:a",
            "gate": "backoff",
            "reason": "BackingOff",
            "message": "failed 2 times",
            "until": "2014-09-01T12:00:30Z",
        }
    ],
}


def test_a_resource() -> None:
    resource = lamp(annotations={"why": "not"}, color="red")

    assert resource_view(resource, STATUS) == {
        "apiVersion": "steersman/v1",
        "kind": "lamp",
        "metadata": {
            "name": "a",
            "uid": resource.uid,
            "labels": {},
            "annotations": {"why": "not"},
        },
        "spec": {"color": "red", "chain": None, "hooks": []},
        "status": STATUS_JSON,
    }


def test_a_resource_without_a_status_has_an_empty_one() -> None:
    assert resource_view(lamp(), None)["status"] == {}


def test_a_stored_status_is_the_same_json_and_comes_back() -> None:
    stored = status_view(lamp().source, STATUS)
    back = status_of(stored)

    assert json.loads(stored) == STATUS_JSON
    assert back.conditions == STATUS.conditions
    assert same(back, Status(STATUS.conditions, STATUS_JSON["summary"]))  # type: ignore[arg-type]


BROKEN = [
    pytest.param(b"{", id="no JSON"),
    pytest.param(b'{"conditions": []}', id="no summary"),
    pytest.param(b"[]", id="no object"),
]


@pytest.mark.parametrize("value", BROKEN)
def test_a_stored_status_that_cannot_be_read_is_an_error(value: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        status_of(value)


def test_a_step_with_its_gates() -> None:
    one = step(Effect.REPAIR)
    verdicts = (
        Verdict("mode", passed=True),
        Verdict("backoff", False, "BackingOff", "later", NOW),
    )

    assert step_view(one, verdicts) == {
        "id": one.id,
        "digest": one.digest,
        "kind": "lamp",
        "name": "a",
        "action": "Install",
        "effect": "repair",
        "target": "compute:a",
        "reason": "Because",
        "message": "",
        "differences": [],
        "gates": [
            {"gate": "mode", "result": "Pass", "reason": "", "message": "", "until": None},
            {
                "gate": "backoff",
                "result": "Wait",
                "reason": "BackingOff",
                "message": "later",
                "until": "2014-09-01T12:00:00Z",
            },
        ],
    }


def test_a_list_tells_what_is_rejected_and_unmanaged_and_what_people_are_to_notice() -> None:
    gone = Unmanaged("lamp", "b", "Released", "gone")
    paused = Notice("pause", "lamp/a", "lamp/a is paused by ana", after(9))
    assert listing_view([{"kind": "lamp"}], [("/desired/x", "no")], [gone], [paused]) == {
        "kind": "List",
        "items": [{"kind": "lamp"}],
        "rejected": [{"key": "/desired/x", "message": "no"}],
        "unmanaged": [{"kind": "lamp", "name": "b", "reason": "Released", "message": "gone"}],
        "notices": [
            {
                "kind": "pause",
                "name": "lamp/a",
                "message": "lamp/a is paused by ana",
                "until": time_view(after(9)),
            }
        ],
    }


def test_a_time_is_told_in_utc_wherever_it_was_written() -> None:
    noon = datetime(2014, 9, 1, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    assert time_view(noon) == "2014-09-01T12:00:00Z"


SAME = [
    pytest.param(
        Status((Condition("Ready", "True", "Lit", "it shines", after(9)),), STATUS.summary,
               (Waiting("compute:a", "backoff", "BackingOff", after(99), "failed 2 times"),)),
        True,
        id="times do not count",
    ),
    pytest.param(Status(STATUS.conditions, STATUS.summary), False, id="what waits does"),
    pytest.param(Status((), STATUS.summary, STATUS.waiting), False, id="conditions do"),
    pytest.param(Status(STATUS.conditions, {}, STATUS.waiting), False, id="the summary does"),
]  # fmt: skip


@pytest.mark.parametrize(("other", "expected"), SAME)
def test_whether_a_status_has_to_be_written(other: Status, expected: bool) -> None:
    assert same(STATUS, other) is expected


def test_the_first_status_has_to_be_written() -> None:
    assert not same(None, Status())


def test_a_difference_shows_both_sides() -> None:
    one = step()
    differing = type(one)(
        one.key,
        one.target,
        one.action,
        one.reason,
        one.effect,
        differences=(Difference("a", "color", "red", "white"),),
    )

    assert step_view(differing, ())["differences"] == [
        {"path": "color", "desired": "red", "observed": "white"}
    ]
