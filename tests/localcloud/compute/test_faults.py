"""What can be made to go wrong, and how it looks from outside."""

from collections.abc import Callable
from typing import Any

import pytest

from localcloud.compute.errors import ApiError
from localcloud.compute.parts.mishaps import SOMEBODY_ELSE, Mishaps
from tests.localcloud.compute.world import ZONE, World, body

OTHER_ZONE = "europe-west1-c"


def failure_code(world: World) -> str | None:
    last = list(world.compute.state.operations.values())[-1]
    return last.failure.code if last.failure else None


def system_events(world: World) -> list[str]:
    operations = world.compute.state.operations.values()
    return [one.type for one in operations if one.name.startswith("systemevent-")]


def test_a_crashed_instance_is_terminated_at_once_and_stays_so(world: World) -> None:
    world.insert()
    world.compute.mishaps.crash("core1")
    assert world.get().status == "TERMINATED"
    world.advance()
    assert world.get().status == "TERMINATED"
    assert world.compute.booted() == ()
    assert system_events(world) == ["compute.instances.hostError"]


@pytest.mark.parametrize("cure", ["reset", "crash"])
def test_a_hung_instance_says_running_and_answers_nothing_until_it_boots_again(
    cure: str, world: World
) -> None:
    world.insert()
    world.compute.mishaps.hang("core1")
    world.advance()
    assert (world.get().status, world.compute.booted()) == ("RUNNING", ())
    if cure == "reset":
        world.compute.act("reset", ZONE, "core1")
    else:
        world.compute.mishaps.crash("core1")
        world.compute.act("start", ZONE, "core1")
    world.advance()
    assert [booted.boots for booted in world.compute.booted()] == [2]


@pytest.mark.parametrize(
    ("scheduling", "left"),
    [
        pytest.param({}, ["TERMINATED"], id="a preempted instance is stopped"),
        pytest.param(
            {"provisioningModel": "SPOT", "instanceTerminationAction": "DELETE"},
            [],
            id="a preempted instance that asks for it is deleted",
        ),
    ],
)
def test_preemption(scheduling: dict[str, str], left: list[str], world: World) -> None:
    world.insert(scheduling=scheduling)
    world.compute.mishaps.preempt("core1")
    assert world.get().status == "STOPPING"
    world.advance()
    assert [one.status for one in world.compute.state.instances.values()] == left
    assert system_events(world) == ["compute.instances.preempted"]


def test_a_vanished_instance_was_deleted_by_somebody_else(world: World) -> None:
    world.insert()
    world.compute.mishaps.vanish("core1")
    world.advance()
    assert world.names() == []
    last = list(world.compute.state.operations.values())[-1]
    assert (last.type, last.user) == ("delete", SOMEBODY_ELSE)


def test_a_stockout_shows_the_instance_for_a_while_and_then_takes_it_away(world: World) -> None:
    world.compute.mishaps.stockout(ZONE, None, world.until(100))
    world.compute.instances.insert(ZONE, body())
    world.advance(1)
    assert world.names() == ["core1"]
    world.advance(1)
    assert (world.names(), world.compute.state.disks) == ([], {})
    assert failure_code(world) == "ZONE_RESOURCE_POOL_EXHAUSTED"


@pytest.mark.parametrize(
    ("zone", "machine_type", "seconds"),
    [
        pytest.param(OTHER_ZONE, None, 100.0, id="another zone has room"),
        pytest.param(ZONE, "n1-standard-8", 100.0, id="another machine type has room"),
        pytest.param(ZONE, None, -1.0, id="a stockout that is over has room"),
    ],
)
def test_a_stockout_is_of_a_zone_and_a_type_and_a_time(
    zone: str, machine_type: str | None, seconds: float, world: World
) -> None:
    world.compute.mishaps.stockout(zone, machine_type, world.until(seconds))
    assert world.insert().status == "RUNNING"


def test_a_start_that_finds_no_room_leaves_the_instance_stopped(world: World) -> None:
    world.insert()
    world.compute.mishaps.crash("core1")
    world.compute.mishaps.stockout(ZONE, "g1-small", world.until(100))
    world.compute.act("start", ZONE, "core1")
    world.advance()
    assert (world.get().status, failure_code(world)) == (
        "TERMINATED",
        "ZONE_RESOURCE_POOL_EXHAUSTED",
    )


@pytest.mark.parametrize(
    ("metric", "limit"),
    [
        ("CPUS", 1),
        ("CPUS_ALL_REGIONS", 1),
        ("PREEMPTIBLE_CPUS", 1),
        ("INSTANCES", 1),
        ("DISKS_TOTAL_GB", 15),
        ("IN_USE_ADDRESSES", 1),
    ],
)
def test_an_insert_over_a_quota_fails_in_its_operation(
    metric: str, limit: float, world: World
) -> None:
    world.compute.mishaps.quota(metric, limit)
    wanted: dict[str, Any] = {
        "networkInterfaces": [{"accessConfigs": [{"type": "ONE_TO_ONE_NAT"}]}],
        "scheduling": {"preemptible": True},
    }
    world.insert("core1", **wanted)
    world.compute.instances.insert(ZONE, body("core2", **wanted))
    world.advance()
    assert (world.names(), failure_code(world)) == (["core1"], "QUOTA_EXCEEDED")


def test_a_quota_that_an_instance_does_not_need_does_not_hold_it(world: World) -> None:
    world.compute.mishaps.quota("FIREWALLS", 0)
    world.compute.mishaps.quota("SSD_TOTAL_GB", 0)
    world.compute.mishaps.quota("PREEMPTIBLE_CPUS", 0)
    assert world.insert().status == "RUNNING"


def test_two_stockouts_stand_side_by_side(world: World) -> None:
    for machine_type in ("g1-small", "f1-micro"):
        world.compute.mishaps.stockout(ZONE, machine_type, world.until(100))
    world.compute.instances.insert(ZONE, body())
    world.advance()
    assert failure_code(world) == "ZONE_RESOURCE_POOL_EXHAUSTED"


def test_a_stopped_instance_uses_no_processor(world: World) -> None:
    world.compute.mishaps.quota("CPUS", 1)
    world.insert("core1")
    world.compute.mishaps.crash("core1")
    assert world.insert("core2").status == "RUNNING"


def test_a_stale_list_shows_the_past_while_a_get_tells_the_truth(world: World) -> None:
    world.insert("core1")
    world.compute.mishaps.stale_list(world.until(100))
    world.insert("core2")
    assert [one.name for one in world.compute.instances.listed()] == ["core1"]
    assert world.get("core2").status == "RUNNING"
    world.advance(100)
    assert [one.name for one in world.compute.instances.listed()] == ["core1", "core2"]


@pytest.mark.parametrize(
    ("turn_on", "status", "reason"),
    [
        pytest.param(Mishaps.rate_limit, 403, "rateLimitExceeded", id="rate limit"),
        pytest.param(Mishaps.burst_503, 503, "backendError", id="burst of 503"),
    ],
)
def test_a_request_is_refused_at_the_door_until_the_fault_is_over(
    turn_on: Callable[[Mishaps, float], None], status: int, reason: str, world: World
) -> None:
    turn_on(world.compute.mishaps, world.until(10))
    with pytest.raises(ApiError) as refused:
        world.compute.door.admit()
    assert (refused.value.status, refused.value.reason) == (status, reason)
    world.advance(10)
    world.compute.door.admit()


def test_as_many_replies_are_lost_as_were_asked_for(world: World) -> None:
    world.compute.mishaps.lose_replies(2)
    assert [world.compute.door.loses_reply() for _ in range(3)] == [True, True, False]


def test_cleared_faults_harm_nothing_new_and_heal_nothing_old(world: World) -> None:
    world.insert("core1")
    world.compute.mishaps.crash("core1")
    world.compute.mishaps.stockout(ZONE, None, world.until(1000))
    world.compute.mishaps.quota("CPUS", 0)
    world.compute.mishaps.burst_503(world.until(1000))
    world.compute.mishaps.clear()
    world.compute.door.admit()
    assert world.insert("core2").status == "RUNNING"
    assert world.get("core1").status == "TERMINATED"


@pytest.mark.parametrize("fault", [Mishaps.crash, Mishaps.hang, Mishaps.preempt, Mishaps.vanish])
def test_a_fault_for_nobody_is_refused(fault: Callable[[Mishaps, str], None], world: World) -> None:
    with pytest.raises(ApiError) as refused:
        fault(world.compute.mishaps, "nobody")
    assert refused.value.status == 404
