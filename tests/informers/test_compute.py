"""The compute informer: what a list shows, corrected by GETs, and since when it is so."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from steersman.informers.compute import OVERLAY, OVERLAYS_MAX, ComputeInformer
from steersman.model.errors import UnreachableError
from steersman.model.observed import ComputeSnapshot, Instance, Operation
from steersman.model.outcome import OperationDone
from steersman.model.ports import Edit, InstanceList
from tests.informers.stories import Board, HandClock, at, unused

ZONE, PLACE = "z", "z/core1"
CORE = Instance("1001", "core1", ZONE, "RUNNING", "g1-small", "10.0.0.1", {})
DARK = replace(CORE, status="TERMINATED")
AWAITED = OperationDone(ZONE, "op", "core1")


class Cloud:
    """The port Compute, whose list may lag behind what a GET shows."""

    def __init__(self) -> None:
        self.listed: tuple[Instance, ...] = ()
        self.there: dict[str, Instance] = {}
        self.operations: dict[str, Operation] = {}
        self.unreachable: frozenset[str] = frozenset()
        self.silent = self.refuses_gets = False
        self.makes: dict[str, Instance] = {}  # what is there once an operation was asked for
        self.dawdles = False  # the answer to the next GET comes after that to the one behind it
        self._answered = asyncio.Event()

    async def list_instances(self) -> InstanceList:
        if self.silent:
            raise UnreachableError("no answer")
        return InstanceList(self.listed, self.unreachable)

    async def get_instance(self, zone: str, instance: str) -> Instance | None:
        del zone
        if self.refuses_gets:
            raise UnreachableError("no answer")
        answer = self.there.get(instance)
        if not self.dawdles:
            self._answered.set()
        else:
            self.dawdles = False
            self._answered.clear()
            await self._answered.wait()
        return answer

    async def get_operation(self, zone: str, name: str) -> Operation | None:
        del zone
        if self.refuses_gets:
            raise UnreachableError("no answer")
        self.there |= self.makes
        return self.operations.get(name)

    async def insert_instance(
        self, zone: str, body: Mapping[str, Any], *, request_id: str, timeout_seconds: float
    ) -> Operation:
        unused(zone, body, request_id, timeout_seconds)

    async def start_instance(
        self, zone: str, instance: str, *, request_id: str, timeout_seconds: float
    ) -> Operation:
        unused(zone, instance, request_id, timeout_seconds)

    reset_instance = stop_instance = delete_instance = start_instance

    async def edit_instance(
        self, zone: str, instance: str, edit: Edit, *, request_id: str, timeout_seconds: float
    ) -> Operation:
        unused(zone, instance, edit, request_id, timeout_seconds)

    async def close(self) -> None:
        pass


class Desk:
    """An informer of a cloud, and what it published."""

    def __init__(self) -> None:
        self.cloud, self.clock, self.board = Cloud(), HandClock(), Board[ComputeSnapshot]()
        self.awaited: list[OperationDone] = []
        self._informer = ComputeInformer(
            self.cloud, self.clock, lambda: tuple(self.awaited), self.board
        )

    async def read(self, seconds: float) -> ComputeSnapshot:
        """The snapshot of a round at that time."""
        self.clock.seconds = seconds
        await self._informer.read()
        return self.board.last


async def test_a_snapshot_is_as_old_as_the_start_of_its_read() -> None:
    desk = Desk()
    desk.cloud.listed = (CORE,)
    desk.cloud.unreachable = frozenset({"y"})
    snapshot = await desk.read(7)

    assert snapshot.observed_at == at(7)
    assert snapshot.instances == {PLACE: replace(CORE, since=at(7))}
    assert snapshot.unreachable == {"y"}


async def test_since_counts_from_when_a_status_was_first_seen() -> None:
    desk = Desk()
    desk.cloud.listed = (CORE,)
    await desk.read(0)
    assert (await desk.read(15)).instances[PLACE].since == at(0)

    desk.cloud.listed = (DARK,)
    assert (await desk.read(30)).instances[PLACE].since == at(30)


async def test_since_counts_anew_for_another_instance_of_the_same_name() -> None:
    desk = Desk()
    desk.cloud.listed = (CORE,)
    await desk.read(0)
    desk.cloud.listed = (replace(CORE, id="1002"),)

    assert (await desk.read(15)).instances[PLACE].since == at(15)


async def test_since_counts_anew_for_what_was_gone_in_between() -> None:
    desk = Desk()
    desk.cloud.listed = (CORE,)
    await desk.read(0)
    desk.cloud.listed = ()
    await desk.read(15)
    desk.cloud.listed = (CORE,)

    assert (await desk.read(30)).instances[PLACE].since == at(30)


async def test_a_failed_read_publishes_nothing() -> None:
    desk = Desk()
    desk.cloud.listed = (CORE,)
    await desk.read(0)
    desk.cloud.silent = True
    with pytest.raises(UnreachableError):
        await desk.read(15)

    assert len(desk.board.snapshots) == 1


async def test_since_goes_on_over_a_failed_read() -> None:
    desk = Desk()
    desk.cloud.listed = (CORE,)
    await desk.read(0)
    desk.cloud.silent = True
    with pytest.raises(UnreachableError):
        await desk.read(15)
    desk.cloud.silent = False

    assert (await desk.read(30)).instances[PLACE].since == at(0)


async def test_an_awaited_operation_is_told_once_it_is_done() -> None:
    desk = Desk()
    desk.awaited = [AWAITED]
    desk.cloud.operations["op"] = Operation("op", ZONE, done=False)
    assert (await desk.read(0)).operations == {}

    done = desk.cloud.operations["op"] = Operation("op", ZONE, done=True)
    assert (await desk.read(1)).operations == {"op": done}

    desk.awaited = []
    assert (await desk.read(2)).operations == {}


async def test_an_operation_that_the_api_has_forgotten_counts_as_done() -> None:
    desk = Desk()
    desk.awaited = [AWAITED]

    assert (await desk.read(0)).operations == {"op": Operation("op", ZONE, done=True)}


async def test_an_operation_that_cannot_be_read_stays_open_and_the_list_is_published() -> None:
    desk = Desk()
    desk.awaited, desk.cloud.listed = [AWAITED], (CORE,)
    desk.cloud.refuses_gets = True
    snapshot = await desk.read(0)

    assert (snapshot.operations, list(snapshot.instances)) == ({}, [PLACE])


async def test_gets_that_fail_again_and_again_are_logged_once_and_once_when_it_is_over() -> None:
    desk = Desk()
    desk.awaited = [AWAITED, replace(AWAITED, operation="another")]
    desk.cloud.refuses_gets = True
    with capture_logs() as logs:
        for second in range(10):
            await desk.read(second)
        desk.cloud.refuses_gets = False
        await desk.read(10)

    assert [each["event"] for each in logs] == ["looking closer failed", "looking closer again"]


LAGS = [
    pytest.param((), CORE, "RUNNING", id="an instance that the list does not show yet"),
    pytest.param((CORE,), None, None, id="an instance that the list still shows"),
    pytest.param((DARK,), CORE, "RUNNING", id="a status that the list still shows"),
]


@pytest.mark.parametrize(("listed", "there", "status"), LAGS)
async def test_what_a_get_has_shown_outweighs_a_list_that_lags(
    listed: tuple[Instance, ...], there: Instance | None, status: str | None
) -> None:
    desk = Desk()
    desk.awaited, desk.cloud.listed = [AWAITED], listed
    desk.cloud.there = {"core1": there} if there else {}
    first = await desk.read(0)
    desk.awaited = []
    second = await desk.read(15)

    for snapshot in (first, second):
        seen = snapshot.instances.get(PLACE)
        assert (seen and seen.status) == status


async def test_while_the_list_lags_the_instance_is_followed() -> None:
    desk = Desk()
    desk.awaited, desk.cloud.there = [AWAITED], {"core1": CORE}
    await desk.read(0)
    desk.awaited, desk.cloud.there = [], {"core1": DARK}

    assert (await desk.read(15)).instances[PLACE].status == "TERMINATED"


async def test_an_answer_from_before_an_operation_ended_does_not_hide_what_it_made() -> None:
    desk = Desk()
    desk.awaited, desk.cloud.there, desk.cloud.listed = [AWAITED], {}, (DARK,)
    assert (await desk.read(0)).instances == {}  # deleted, which the list does not show yet

    created = replace(CORE, id="1002")
    desk.cloud.makes, desk.cloud.dawdles = {"core1": created}, True
    desk.awaited = [replace(AWAITED, operation="another")]

    assert (await desk.read(15)).instances[PLACE].id == created.id


async def test_once_the_list_has_agreed_it_is_believed_again() -> None:
    desk = Desk()
    desk.awaited, desk.cloud.there = [AWAITED], {"core1": CORE}
    await desk.read(0)
    desk.awaited, desk.cloud.listed = [], (CORE,)
    await desk.read(15)
    desk.cloud.listed = ()

    assert (await desk.read(16)).instances == {}


async def test_a_list_that_says_nothing_of_a_zone_agrees_with_nothing() -> None:
    desk = Desk()
    desk.awaited, desk.cloud.there = [AWAITED], {}
    desk.cloud.unreachable = frozenset({ZONE})
    await desk.read(0)
    desk.awaited, desk.cloud.listed, desk.cloud.unreachable = [], (CORE,), frozenset()

    assert (await desk.read(15)).instances == {}  # the list is only late


async def test_a_list_that_never_agrees_is_believed_in_the_end() -> None:
    desk = Desk()
    desk.awaited, desk.cloud.there = [AWAITED], {"core1": CORE}
    await desk.read(0)
    desk.awaited = []
    limit = OVERLAY.total_seconds()

    assert PLACE in (await desk.read(limit)).instances
    assert PLACE not in (await desk.read(limit + 1)).instances


async def test_of_very_many_corrections_the_oldest_are_given_up() -> None:
    desk = Desk()
    many = [replace(CORE, name=f"core{number}") for number in range(OVERLAYS_MAX + 1)]
    desk.cloud.there = {each.name: each for each in many}
    desk.awaited = [OperationDone(ZONE, f"op-{each.name}", each.name) for each in many]
    snapshot = await desk.read(0)

    assert len(snapshot.instances) == OVERLAYS_MAX
    assert f"{ZONE}/core{OVERLAYS_MAX}" in snapshot.instances
