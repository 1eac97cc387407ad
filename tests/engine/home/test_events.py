"""Events: written in order, bounded, once each, and only by who leads."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from steersman.engine.acceptance.claims import Accepted
from steersman.engine.home.events import (
    EVENTS,
    UNWRITTEN_MAX,
    Event,
    Recorder,
    changed,
    documented,
    executed,
    failed_later,
)
from steersman.model.drift import Difference
from steersman.model.errors import ErrorClass, FencedError, OutsideError, UnreachableError
from steersman.model.outcome import Outcome
from steersman.model.plan import Effect
from steersman.model.ports import Fence
from steersman.model.status import Condition
from tests.engine.builders import NOW, A, after, step
from tests.engine.town import Town
from tests.support.virtual import virtual

LEADER = "/steersman/leader"
ETCD_REQUEST_BYTES_MAX = 1536 * 1024  # unless it is told otherwise
REFUSED = OutsideError(ErrorClass.QUOTA, "QUOTA_EXCEEDED", "no more sockets")


def event(number: int = 0) -> Event:
    return Event(after(number), A, "Because", str(number))


class Desk:
    """A recorder with a term that can end."""

    def __init__(self, town: Town, kept: int = 100) -> None:
        self.fence: Fence | None = Fence(LEADER, town.etcd.put(LEADER, b"{}"))
        self.recorder = Recorder(town.store(), lambda: self.fence, "one", kept)


def messages(town: Town) -> list[str]:
    return [each["message"] for each in town.events()]


@virtual
async def test_an_event_has_every_field_that_was_promised() -> None:
    town = Town()
    desk = Desk(town)
    dyed = replace(
        step(Effect.REPAIR), differences=(Difference("a", "spec.color", "white", "red"),)
    )
    desk.recorder.record(executed(dyed, NOW, None, "0badcafe", "7e107e10"))
    await desk.recorder.flush()

    (key,) = town.keys(EVENTS)
    assert town.json(key) == {
        "time": "2014-09-01T12:00:00.000Z",
        "id": key.removeprefix(EVENTS),
        "kind": "lamp",
        "name": "a",
        "type": "Normal",
        "action": "Install",
        "effect": "repair",
        "target": "compute:a",
        "reason": "Because",
        "message": "",
        "outcome": "ok",
        "planId": "7e107e10",
        "actor": "one",
        "before": {"spec.color": "red"},
        "after": {"spec.color": "white"},
        "reconcileId": "0badcafe",
    }


@virtual
async def test_events_are_written_in_order_and_the_oldest_are_dropped() -> None:
    town = Town()
    desk = Desk(town, kept=3)
    for number in range(8):
        desk.recorder.record(event(number))
    await desk.recorder.flush()

    assert messages(town) == ["5", "6", "7"]


@virtual
async def test_an_event_whose_answer_was_lost_is_still_one_event() -> None:
    town = Town()
    desk = Desk(town)
    desk.recorder.record(event())
    town.etcd.lose_replies(1)
    with pytest.raises(UnreachableError):
        await desk.recorder.flush()
    await desk.recorder.flush()

    assert messages(town) == ["0"]


@virtual
async def test_two_who_flush_at_once_write_each_event_once() -> None:
    town = Town()
    desk = Desk(town)
    for number in range(5):
        desk.recorder.record(event(number))
    await asyncio.gather(desk.recorder.flush(), desk.recorder.flush())

    assert messages(town) == ["0", "1", "2", "3", "4"]
    assert len(town.writes_after(0)) == 1 + 5


@virtual
async def test_events_wait_for_a_term_and_are_written_when_it_begins() -> None:
    town = Town()
    desk = Desk(town)
    desk.fence, fence = None, desk.fence
    running = asyncio.create_task(desk.recorder.run())
    desk.recorder.record(event())
    await asyncio.sleep(10)
    assert messages(town) == []

    desk.fence = fence
    await desk.recorder.load(NOW)
    await asyncio.sleep(1)
    assert messages(town) == ["0"]
    running.cancel()


@virtual
async def test_events_stay_in_order_when_the_clock_of_an_earlier_leader_ran_ahead() -> None:
    town = Town()
    ahead = Desk(town)
    ahead.recorder.record(event(3600))
    await ahead.recorder.flush()
    recorder = Recorder(town.store(), lambda: ahead.fence, "two", 100)
    await recorder.load(NOW)
    for number in range(3):
        recorder.record(event(number))
    await recorder.flush()

    assert messages(town) == ["3600", "0", "1", "2"]


@virtual
async def test_loading_tells_when_steps_of_each_kind_were_executed_lately() -> None:
    town = Town()
    before = Desk(town)
    for hours in (3, 0.5, 0.25):
        done_at = NOW - timedelta(hours=hours)
        before.recorder.record(executed(step(), done_at, None, "id", "plan"))
    before.recorder.record(event())
    await before.recorder.flush()
    town.etcd.put(f"{EVENTS}nonsense", b"{")
    desk = Desk(town)
    desk.recorder.record(executed(step(), NOW, REFUSED, "id", "plan"))

    hour = timedelta(hours=1)
    assert await desk.recorder.load(NOW) == {"lamp": (NOW - hour / 2, NOW - hour / 4, NOW)}


@virtual
async def test_an_event_fits_into_home_whatever_a_document_says() -> None:
    town = Town()
    desk = Desk(town)
    before, after_it = (
        {f"metadata.annotations.{word}{number}": word for number in range(50)}
        for word in ("\N{FISH}" * 10_000, "\N{CAT}" * 10_000)
    )
    told = "\N{DOG}" * 250_000
    desk.recorder.record(Event(NOW, A, "DocumentChanged", told, before=before, after=after_it))
    await desk.recorder.flush()

    (written,) = town.etcd.under(EVENTS)[1]
    assert len(written.value) < ETCD_REQUEST_BYTES_MAX


@virtual
async def test_a_lost_term_writes_no_event() -> None:
    town = Town()
    desk = Desk(town)
    desk.fence = Fence(LEADER, 999)
    desk.recorder.record(event())
    with pytest.raises(FencedError):
        await desk.recorder.flush()

    assert messages(town) == []


@virtual
async def test_what_waits_is_bounded_and_the_oldest_are_lost_first() -> None:
    town = Town()
    desk = Desk(town, kept=UNWRITTEN_MAX)
    for number in range(UNWRITTEN_MAX + 2):
        desk.recorder.record(event(number))
    await desk.recorder.flush()

    assert messages(town)[0] == "2"
    assert len(messages(town)) == UNWRITTEN_MAX


@virtual
async def test_the_recorder_outlives_an_outage_of_home() -> None:
    town = Town()
    desk = Desk(town)
    running = asyncio.create_task(desk.recorder.run())
    town.etcd.go_down()
    desk.recorder.record(event())
    await asyncio.sleep(30)
    town.etcd.come_back()
    await asyncio.sleep(3)

    assert messages(town) == ["0"]
    running.cancel()


FIRST = Accepted("home", 7, "", "spec: {color: red}")
SECOND = Accepted(
    "home", 9, "", "metadata: {annotations: {steersman/author: ana@laptop}}\nspec: {color: blue}"
)


def test_a_new_document_is_told_with_its_author() -> None:
    told = documented(A, None, SECOND, NOW)

    assert (told.reason, told.actor, told.before) == ("DocumentCreated", "ana@laptop", None)


def test_an_edit_is_told_with_its_author_and_with_what_it_changes() -> None:
    told = documented(A, FIRST, SECOND, NOW)

    assert (told.reason, told.actor) == ("DocumentChanged", "ana@laptop")
    assert (told.before, told.after) == ({"spec.color": "red"}, {"spec.color": "blue"})
    assert told.message == ("home store, revision 7 -> 9, by ana@laptop: spec.color red -> blue")


def test_an_edit_with_etcdctl_is_by_nobody_we_know() -> None:
    assert documented(A, SECOND, FIRST, NOW).actor == "unknown"


UNKNOWN = UnreachableError("no answer")
OUTCOMES = [
    pytest.param(None, "ok", False, id="it worked"),
    pytest.param(REFUSED, "error", True, id="it was refused"),
    pytest.param(UNKNOWN, None, True, id="nobody knows"),
]


@pytest.mark.parametrize(("error", "outcome", "warning"), OUTCOMES)
def test_the_outcome_of_a_step(
    error: OutsideError | None, outcome: str | None, warning: bool
) -> None:
    told = executed(step(), NOW, error, "id", "plan")

    assert (told.outcome, told.warning) == (outcome, warning)
    assert (str(error) in told.message) is (error is not None)


def test_what_failed_later_is_a_warning_and_no_second_step() -> None:
    outcome = Outcome(A, step().target, "Install", Effect.CREATE, NOW, REFUSED)
    told = failed_later(outcome, REFUSED)

    assert (told.warning, told.action, told.reason) == (True, None, "QUOTA_EXCEEDED")


CHANGES = [
    pytest.param("Ready", "True", False, id="becoming ready is good"),
    pytest.param("Ready", "False", True, id="not being ready is bad"),
    pytest.param("Accepted", "False", True, id="a bad document is bad"),
    pytest.param("Established", "True", False, id="being established is good"),
    pytest.param("Drifted", "True", False, id="drift is ordinary"),
    pytest.param("Deleted", "True", False, id="being taken down was asked for"),
    pytest.param("Deleted", "False", False, id="as was that it begins"),
    pytest.param("CrashLoop", "True", True, id="any other condition is bad"),
    pytest.param("CrashLoop", "False", False, id="the end of it is good"),
]


@pytest.mark.parametrize(("type_", "status", "warning"), CHANGES)
def test_whether_a_change_is_a_warning(type_: str, status: str, warning: bool) -> None:
    assert changed(A, Condition(type_, status, "Because"), NOW).warning is warning
