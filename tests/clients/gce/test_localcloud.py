"""The Compute Engine client and the local cloud's REST API understand each other."""

from collections.abc import AsyncIterator

import pytest

from steersman.model.errors import ErrorClass, OutsideError
from tests.clients.gce.project import (
    LONG_SECONDS,
    OTHER_REQUEST_ID,
    TIMEOUT_SECONDS,
    ZONE,
    Project,
    served_project,
)


@pytest.fixture
async def project() -> AsyncIterator[Project]:
    async with served_project() as project:
        yield project


async def test_an_instance_lives_from_its_insert_to_its_deletion(project: Project) -> None:
    operation = await project.insert()
    assert not operation.done
    project.advance()
    done = await project.client.get_operation(ZONE, operation.name)
    assert done is not None
    assert (done.done, done.error) == (True, None)

    instance = await project.client.get_instance(ZONE, "core1")
    assert instance is not None
    assert (instance.id, instance.status) == (operation.target_id, "RUNNING")
    assert (instance.zone, instance.machine_type) == (ZONE, "g1-small")
    assert (instance.tags, instance.labels) == (("core",), {"steersman-pool": "core"})
    assert instance.ip is not None
    assert (await project.client.list_instances()).instances == (instance,)

    await project.client.delete_instance(
        ZONE, instance.id, request_id=OTHER_REQUEST_ID, timeout_seconds=TIMEOUT_SECONDS
    )
    project.advance()
    assert await project.client.get_instance(ZONE, instance.id) is None
    assert (await project.client.list_instances()).instances == ()


async def test_a_stopped_instance_is_terminated_and_starts_again(project: Project) -> None:
    await project.insert()
    project.advance()
    statuses = []
    for change in (project.client.stop_instance, project.client.start_instance):
        await change(ZONE, "core1", request_id=OTHER_REQUEST_ID, timeout_seconds=TIMEOUT_SECONDS)
        project.advance()
        instance = await project.client.get_instance(ZONE, "core1")
        assert instance is not None
        statuses.append(instance.status)
    assert statuses == ["TERMINATED", "RUNNING"]


async def test_the_same_request_id_has_one_effect(project: Project) -> None:
    first = await project.insert()
    assert (await project.insert()).name == first.name


async def test_a_name_that_is_taken_is_a_conflict(project: Project) -> None:
    await project.insert()
    with pytest.raises(OutsideError) as caught:
        await project.insert(OTHER_REQUEST_ID)
    assert caught.value.kind is ErrorClass.CONFLICT


async def test_an_image_that_is_not_there_is_an_invalid_request(project: Project) -> None:
    disk = {"boot": True, "initializeParams": {"sourceImage": "projects/x/global/images/nope"}}
    with pytest.raises(OutsideError) as caught:
        await project.insert(disks=[disk])
    assert caught.value.kind is ErrorClass.INVALID


async def test_what_is_protected_against_deletion_stays(project: Project) -> None:
    await project.insert(deletionProtection=True)
    project.advance()
    with pytest.raises(OutsideError) as caught:
        await project.delete("core1")
    assert caught.value.kind is ErrorClass.INVALID
    project.advance()
    assert await project.client.get_instance(ZONE, "core1") is not None


async def test_to_delete_what_is_gone_is_a_conflict_and_hits_no_successor(
    project: Project,
) -> None:
    first = await project.insert()
    project.advance()
    await project.delete(first.target_id)
    project.advance()
    second = await project.insert(OTHER_REQUEST_ID)
    project.advance()
    with pytest.raises(OutsideError) as caught:
        await project.delete(first.target_id)
    assert (caught.value.kind, caught.value.code) == (ErrorClass.CONFLICT, "notFound")
    project.advance()
    left = (await project.client.list_instances()).instances
    assert [each.id for each in left] == [second.target_id]


async def test_after_a_lost_reply_the_same_request_id_finds_what_was_done(
    project: Project,
) -> None:
    project.model.mishaps.lose_replies(1)
    with pytest.raises(OutsideError) as caught:
        await project.insert()
    assert (caught.value.kind, caught.value.applied) == (ErrorClass.TRANSIENT, None)
    operation = await project.insert()
    project.advance()
    (instance,) = (await project.client.list_instances()).instances
    assert instance.id == operation.target_id


async def test_a_get_sees_past_a_list_that_is_stale(project: Project) -> None:
    project.model.mishaps.stale_list(project.clock.now() + LONG_SECONDS + 1)
    await project.insert()
    project.advance()
    assert (await project.client.list_instances()).instances == ()
    assert await project.client.get_instance(ZONE, "core1") is not None


@pytest.mark.parametrize(
    ("fault", "kind", "applied"),
    [
        pytest.param("burst_503", ErrorClass.TRANSIENT, None, id="a burst of 503 is transient"),
        pytest.param("rate_limit", ErrorClass.THROTTLED, False, id="a rate limit throttles"),
    ],
)
async def test_what_is_refused_at_the_door(
    project: Project, fault: str, kind: ErrorClass, applied: bool | None
) -> None:
    getattr(project.model.mishaps, fault)(project.clock.now() + 1)
    with pytest.raises(OutsideError) as caught:
        await project.insert()
    assert (caught.value.kind, caught.value.applied) == (kind, applied)
    with pytest.raises(OutsideError) as caught:
        await project.client.list_instances()
    assert (caught.value.kind, caught.value.applied) == (kind, False)
    project.advance()
    assert (await project.client.list_instances()).instances == ()


async def test_a_stockout_is_told_by_the_operation_and_leaves_nothing(project: Project) -> None:
    project.model.mishaps.stockout(ZONE, None, project.clock.now() + 1)
    operation = await project.insert()
    project.advance()
    done = await project.client.get_operation(ZONE, operation.name)
    assert done is not None
    assert done.error is not None
    assert (done.error.kind, done.done) == (ErrorClass.STOCKOUT, True)
    assert await project.client.get_instance(ZONE, "core1") is None


async def test_a_quota_is_told_by_the_operation_and_leaves_nothing(project: Project) -> None:
    project.model.mishaps.quota("INSTANCES", 0)
    operation = await project.insert()
    project.advance()
    done = await project.client.get_operation(ZONE, operation.name)
    assert done is not None
    assert done.error is not None
    assert (done.error.kind, done.error.code) == (ErrorClass.QUOTA, "QUOTA_EXCEEDED")
    assert await project.client.get_instance(ZONE, "core1") is None


async def test_the_journal_names_us_as_the_caller(project: Project) -> None:
    await project.insert()
    (entry,) = project.journal
    assert entry.caller.startswith("steersman/")
