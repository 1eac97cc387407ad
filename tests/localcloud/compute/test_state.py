"""A restart of the local cloud loses nothing, and the same seed gives the same cloud."""

import json

from tests.localcloud.compute.world import ZONE, World, body

REQUEST_ID = "6f1d3a52-0000-4000-8000-000000000001"


def restarted(world: World) -> World:
    """Another process, begun with the same seed, a while later."""
    other = World()
    other.clock.advance(world.clock.now() - other.clock.now())
    other.compute.load(json.loads(json.dumps(world.compute.dump())))
    return other


def test_everything_is_there_after_a_restart(world: World) -> None:
    world.insert("core1", labels={"role": "core"}, tags={"items": ["a"]})
    world.insert("core2")
    world.compute.mishaps.crash("core2")
    world.compute.mishaps.quota("CPUS", 3)
    world.compute.mishaps.stockout(ZONE, None, world.until(50))
    world.compute.mishaps.stale_list(world.until(50))
    world.compute.mishaps.zone_unreachable(ZONE, world.until(50))
    world.compute.mishaps.hang_boots(2)
    world.compute.addresses.insert("europe-west1", {"name": "vip"})
    world.compute.disks.insert(ZONE, {"name": "spare", "labels": {"a": "b"}})
    world.compute.firewalls.insert({"name": "fw", "denied": [{"IPProtocol": "tcp"}]})
    world.compute.door.charge("ReadGroup")
    assert restarted(world).compute.state == world.compute.state


def test_an_insert_goes_on_after_a_restart(world: World) -> None:
    world.compute.instances.insert(ZONE, body())
    world.advance(1)
    other = restarted(world)
    assert other.compute.next_due() == world.compute.next_due()
    other.advance(2)
    assert [booted.name for booted in other.compute.booted()] == ["core1"]


def test_a_request_id_is_remembered_over_a_restart(world: World) -> None:
    world.compute.instances.insert(ZONE, body(), REQUEST_ID)
    other = restarted(world)
    other.compute.instances.insert(ZONE, body(), REQUEST_ID)
    assert other.names() == ["core1"]


def test_ids_and_names_of_operations_do_not_come_again_after_a_restart(world: World) -> None:
    world.insert("core1")
    other = restarted(world)
    other.insert("core2")
    assert len({one.id for one in other.compute.state.instances.values()}) == 2
    assert len(other.compute.state.operations) == 2


def test_the_same_seed_gives_the_same_cloud() -> None:
    clouds = [World(seed=7) for _ in range(2)]
    for cloud in clouds:
        cloud.insert()
    assert clouds[0].compute.dump() == clouds[1].compute.dump()


def test_nothing_is_due_when_nothing_happens(world: World) -> None:
    assert world.compute.next_due() is None
    world.insert()
    assert world.compute.next_due() is None
