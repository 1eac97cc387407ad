"""How instances come, run, stop and go, second by second."""

import pytest

from localcloud.compute.errors import ApiError
from tests.localcloud.compute.world import ZONE, World, body

EXTERNAL = [{"accessConfigs": [{"type": "ONE_TO_ONE_NAT"}]}]


def statuses(world: World, seconds: float, step: float = 0.5) -> list[str]:
    """The different statuses that a watcher of core1 sees, in order; `gone` at the end."""
    seen: list[str] = []
    for _ in range(int(seconds / step) + 1):
        status = world.get().status if "core1" in world.names() else "gone"
        if seen[-1:] != [status]:
            seen.append(status)
        world.advance(step)
    return seen


def test_an_insert_goes_through_provisioning_and_staging_to_running(world: World) -> None:
    world.compute.instances.insert(ZONE, body())
    assert statuses(world, 5) == ["PROVISIONING", "STAGING", "RUNNING"]


def test_an_instance_runs_three_seconds_after_its_insert_and_not_before(world: World) -> None:
    world.compute.instances.insert(ZONE, body())
    world.advance(2.9)
    assert world.compute.booted() == ()
    world.advance(0.1)
    assert [booted.name for booted in world.compute.booted()] == ["core1"]


def test_a_stop_ends_in_terminated(world: World) -> None:
    world.insert()
    world.compute.act("stop", ZONE, "core1")
    assert statuses(world, 6) == ["STOPPING", "TERMINATED"]


def test_a_deleted_instance_is_stopping_until_it_is_gone(world: World) -> None:
    world.insert()
    world.compute.instances.delete(ZONE, "core1")
    assert statuses(world, 6) == ["STOPPING", "gone"]


def test_a_name_is_taken_until_the_deletion_is_done(world: World) -> None:
    world.insert()
    world.compute.instances.delete(ZONE, "core1")
    world.advance(4.9)
    with pytest.raises(ApiError) as refused:
        world.compute.instances.insert(ZONE, body())
    assert refused.value.status == 409
    world.advance(0.1)
    assert world.insert().status == "RUNNING"


def test_a_successor_of_the_same_name_has_another_id(world: World) -> None:
    first = world.insert()
    world.compute.instances.delete(ZONE, "core1")
    world.advance()
    assert world.insert().id != first.id


def test_a_late_delete_by_numeric_id_does_not_hit_the_successor(world: World) -> None:
    first = world.insert()
    world.compute.instances.delete(ZONE, first.id)
    world.advance()
    world.insert()
    with pytest.raises(ApiError) as refused:
        world.compute.instances.delete(ZONE, first.id)
    assert refused.value.status == 404
    assert world.get().status == "RUNNING"


def test_an_instance_deleted_while_it_is_inserted_never_runs(world: World) -> None:
    world.compute.instances.insert(ZONE, body())
    world.compute.instances.delete(ZONE, "core1")
    assert statuses(world, 6) == ["STOPPING", "gone"]


def test_a_stop_that_ends_during_a_deletion_does_not_undo_it(world: World) -> None:
    world.insert()
    world.compute.act("stop", ZONE, "core1")
    world.advance(1)
    world.compute.instances.delete(ZONE, "core1")
    assert statuses(world, 6) == ["STOPPING", "gone"]


def test_the_internal_address_survives_a_stop_and_the_external_one_is_new(world: World) -> None:
    before = world.insert(networkInterfaces=EXTERNAL)
    world.compute.act("stop", ZONE, "core1")
    world.advance()
    stopped = world.get()
    world.compute.act("start", ZONE, "core1")
    world.advance()
    after = world.get()
    assert (stopped.ip, stopped.nat_ip) == (before.ip, None)
    assert after.ip == before.ip
    assert after.nat_ip not in (None, before.nat_ip)


def test_an_instance_without_access_config_has_no_external_address(world: World) -> None:
    assert world.insert().nat_ip is None


def test_every_boot_is_counted(world: World) -> None:
    world.insert()
    world.compute.act("reset", ZONE, "core1")
    world.advance()
    world.compute.act("stop", ZONE, "core1")
    world.advance()
    world.compute.act("start", ZONE, "core1")
    world.advance()
    assert [booted.boots for booted in world.compute.booted()] == [3]


def test_a_start_of_a_running_instance_is_no_boot(world: World) -> None:
    world.insert()
    world.compute.act("start", ZONE, "core1")
    world.advance()
    assert world.get().boots == 1


@pytest.mark.parametrize(
    ("verb", "before"),
    [
        pytest.param("start", "stop", id="a start while the instance is stopping"),
        pytest.param("reset", "stop", id="a reset of an instance that does not run"),
        pytest.param("stop", "delete", id="a stop of an instance that is being deleted"),
        pytest.param("setTags", "delete", id="an edit of an instance that is being deleted"),
    ],
)
def test_not_ready_is_the_answer_to(verb: str, before: str, world: World) -> None:
    world.insert()
    if before == "delete":
        world.compute.instances.delete(ZONE, "core1")
    else:
        world.compute.act(before, ZONE, "core1")
    with pytest.raises(ApiError) as refused:
        world.compute.act(verb, ZONE, "core1", {})
    assert (refused.value.status, refused.value.reason) == (400, "resourceNotReady")


def test_a_protected_instance_is_not_deleted_until_the_protection_is_lifted(world: World) -> None:
    world.insert(deletionProtection=True)
    with pytest.raises(ApiError, match="protected against deletion"):
        world.compute.instances.delete(ZONE, "core1")
    world.compute.act("setDeletionProtection", ZONE, "core1", {"deletionProtection": False})
    world.compute.instances.delete(ZONE, "core1")
    world.advance()
    assert world.names() == []


def test_addresses_are_unique_and_rest_before_they_are_used_again(world: World) -> None:
    first, second = world.insert("core1"), world.insert("core2")
    world.compute.instances.delete(ZONE, "core2")
    world.advance()
    third = world.insert("core3")
    assert [first.ip, second.ip, third.ip] == ["127.20.0.2", "127.20.0.3", "127.20.0.4"]


def test_a_wanted_address_is_given_once(world: World) -> None:
    wanted = [{"networkIP": "127.20.7.7"}]
    assert world.insert(networkInterfaces=wanted).ip == "127.20.7.7"
    with pytest.raises(ApiError, match="already being used"):
        world.insert("core2", networkInterfaces=wanted)


@pytest.mark.parametrize("auto_delete", [True, False])
def test_a_boot_disk_goes_with_its_instance_only_where_asked(
    auto_delete: bool, world: World
) -> None:
    disks = body()["disks"]
    disks[0]["autoDelete"] = auto_delete
    world.insert(disks=disks)
    world.compute.instances.delete(ZONE, "core1")
    world.advance()
    left = [(disk.name, disk.user) for disk in world.compute.state.disks.values()]
    assert left == ([] if auto_delete else [("core1", None)])


def test_a_disk_left_over_blocks_the_name_until_it_is_deleted(world: World) -> None:
    disks = body()["disks"]
    disks[0]["autoDelete"] = False
    world.insert(disks=disks)
    world.compute.instances.delete(ZONE, "core1")
    world.advance()
    with pytest.raises(ApiError, match="disks/core1' already exists"):
        world.compute.instances.insert(ZONE, body())
    world.compute.disks.delete(ZONE, "core1")
    world.advance()
    assert world.insert().status == "RUNNING"


def test_a_disk_left_over_can_be_the_boot_disk_of_a_successor(world: World) -> None:
    disks = body()["disks"]
    disks[0]["autoDelete"] = False
    world.insert(disks=disks)
    world.compute.instances.delete(ZONE, "core1")
    world.advance()
    world.insert("core2", disks=[{"boot": True, "source": f"zones/{ZONE}/disks/core1"}])
    assert world.compute.disks.get(ZONE, "core1").user == "core2"


def test_a_disk_in_use_is_not_deleted(world: World) -> None:
    world.insert()
    with pytest.raises(ApiError, match=r"already being used by 'projects/-/zones/.*/core1'"):
        world.compute.disks.delete(ZONE, "core1")


def test_user_data_reaches_the_machine_that_boots(world: World) -> None:
    world.insert(metadata={"items": [{"key": "user-data", "value": "#cloud-config\n"}]})
    assert world.compute.booted()[0].user_data == "#cloud-config\n"
