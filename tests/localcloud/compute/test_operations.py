"""Operations: their states over time, and the request id that makes a repeat harmless."""

import pytest

from localcloud.compute.errors import ApiError
from localcloud.compute.parts import operations
from localcloud.compute.resources import Operation
from tests.localcloud.compute.world import ZONE, World, body

FIRST = "6f1d3a52-0000-4000-8000-000000000001"
SECOND = "6f1d3a52-0000-4000-8000-000000000002"


def again(world: World, operation: Operation) -> Operation:
    return world.compute.operations.get(operation.scope, operation.name)


def test_an_operation_is_pending_then_running_then_done(world: World) -> None:
    operation = world.compute.instances.insert(ZONE, body())
    seen = [operation.status]
    for _ in range(4):
        world.advance(1)
        seen.append(again(world, operation).status)
    assert seen == ["PENDING", "RUNNING", "RUNNING", "DONE", "DONE"]


def test_an_operation_tells_when_it_began_and_ended_whenever_it_is_looked_at(world: World) -> None:
    accepted = world.clock.now()
    operation = world.compute.instances.insert(ZONE, body())
    world.advance(1000)
    done = again(world, operation)
    assert (done.inserted, done.ended) == (accepted, accepted + 3)
    assert done.started == pytest.approx(accepted + 0.2)


def test_the_same_request_id_gives_the_same_operation_and_one_instance(world: World) -> None:
    first = world.compute.instances.insert(ZONE, body(), FIRST)
    world.advance()
    second = world.compute.instances.insert(ZONE, body(), FIRST)
    assert second.name == first.name
    assert second.done
    assert world.names() == ["core1"]


def test_a_repeated_delete_is_answered_after_the_instance_is_gone(world: World) -> None:
    world.insert()
    first = world.compute.instances.delete(ZONE, "core1", FIRST)
    world.advance()
    assert world.compute.instances.delete(ZONE, "core1", FIRST).name == first.name


def test_a_repeated_delete_by_name_spares_the_successor(world: World) -> None:
    world.insert()
    world.compute.instances.delete(ZONE, "core1", FIRST)
    world.advance()
    world.insert()
    world.compute.instances.delete(ZONE, "core1", FIRST)
    world.advance()
    assert world.names() == ["core1"]


def test_a_failed_attempt_keeps_failing_under_its_own_request_id(world: World) -> None:
    world.compute.mishaps.stockout(ZONE, None, world.until(10))
    world.compute.instances.insert(ZONE, body(), FIRST)
    world.advance()
    assert world.compute.instances.insert(ZONE, body(), FIRST).failure is not None
    assert world.names() == []
    assert world.compute.instances.insert(ZONE, body(), SECOND).failure is None


def test_a_refused_request_may_be_repeated_under_the_same_id(world: World) -> None:
    with pytest.raises(ApiError):
        world.compute.instances.insert(ZONE, body("Core"), FIRST)
    world.compute.instances.insert(ZONE, body(), FIRST)
    assert world.names() == ["core1"]


def test_a_request_id_is_not_used_for_another_body(world: World) -> None:
    world.compute.instances.insert(ZONE, body(), FIRST)
    with pytest.raises(ApiError, match="requestId"):
        world.compute.instances.insert(ZONE, body("core2"), FIRST)
    assert world.names() == ["core1"]


def test_a_request_is_known_after_the_record_of_its_operation_was_deleted(world: World) -> None:
    first = world.compute.instances.insert(ZONE, body(), FIRST)
    world.advance()
    world.compute.operations.delete(first.scope, first.name)
    with pytest.raises(ApiError, match="not found"):
        again(world, first)
    assert world.compute.instances.insert(ZONE, body(), FIRST).name == first.name


def test_upper_and_lower_case_are_one_request_id(world: World) -> None:
    upper = "6F1D3A52-0000-4000-8000-00000000000A"
    first = world.compute.instances.insert(ZONE, body(), upper)
    assert world.compute.instances.insert(ZONE, body(), upper.lower()).name == first.name


@pytest.mark.parametrize(
    "request_id",
    [
        "one",
        "00000000-0000-0000-0000-000000000000",
        "{6f1d3a52-0000-4000-8000-000000000001}",
        "6f1d3a52000040008000000000000001",
    ],
)
def test_a_request_id_is_a_uuid_but_not_the_zero_one(request_id: str, world: World) -> None:
    with pytest.raises(ApiError, match="requestId"):
        world.compute.instances.insert(ZONE, body(), request_id)
    assert world.names() == []


def test_an_operation_is_not_found_in_another_scope(world: World) -> None:
    operation = world.compute.instances.insert(ZONE, body())
    with pytest.raises(ApiError) as refused:
        world.compute.operations.get("global", operation.name)
    assert refused.value.status == 404


def test_old_operations_are_forgotten_but_never_one_that_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "OPERATIONS_KEPT_MAX", 3)
    first = world.compute.instances.insert(ZONE, body())
    world.advance()
    for index in range(2, 7):
        world.compute.instances.insert(ZONE, body(f"core{index}"))
    with pytest.raises(ApiError):
        again(world, first)
    world.advance()
    assert [booted.name for booted in world.compute.booted()] == [f"core{i}" for i in range(1, 7)]
    world.compute.instances.delete(ZONE, "core1")
    assert len(world.compute.state.operations) == 3


@pytest.mark.parametrize("verb", ["insert", "delete", "stop", "setTags", "disk"])
def test_an_operation_that_is_made_to_fail_changes_nothing(verb: str, world: World) -> None:
    world.insert()
    before = world.compute.dump()
    world.compute.mishaps.fail_operations(1)
    match verb:
        case "insert":
            operation = world.compute.instances.insert(ZONE, body("core2"), FIRST)
        case "delete":
            operation = world.compute.instances.delete(ZONE, "core1", FIRST)
        case "disk":
            operation = world.compute.disks.insert(ZONE, {"name": "d"}, FIRST)
        case _:
            tags = {"items": ["a"], "fingerprint": "42WmSpB8rSM="}
            operation = world.compute.act(verb, ZONE, "core1", tags, FIRST)
    world.advance()
    failure = again(world, operation).failure
    assert failure is not None
    assert failure.http_status is None
    after = world.compute.dump()
    assert (after["instances"], after["disks"]) == (before["instances"], before["disks"])
