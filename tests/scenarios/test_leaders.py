"""Several daemons on one home: one at a time starts calls, and whoever fails is succeeded."""

import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.city import City
from tests.scenarios.processes import LEASE_SECONDS, RETRY_SECONDS, Daemon

pytestmark = [pytest.mark.scenario, pytest.mark.timeout(900)]

POOL = "nodepool/web"
SLACK_SECONDS = 60.0  # of a busy machine: a start, a pass, the take-over of what home knows
SUCCESSION_SECONDS = LEASE_SECONDS + RETRY_SECONDS + SLACK_SECONDS
LONG_LEASE_SECONDS = 300  # nobody waits for the end of it
HOUR_SECONDS = 3600.0


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[City]:
    city = City(tmp_path)
    async with city.running():
        yield city


def pool(replicas: int) -> dict[str, Any]:
    """Nodes that need nothing but Compute Engine."""
    image = {"project": "coreos-cloud", "name": "coreos-alpha-423-0-0-v20140828"}
    return {
        "spec": {
            "replicas": replicas,
            "nameFormat": "web{ordinal}",
            "zones": ["europe-west1-b"],
            "machineType": "g1-small",
            "image": image,
            "health": {"fleet": False},
        }
    }


def names(count: int) -> list[str]:
    return [f"web{number}" for number in range(1, count + 1)]


async def leads(city: City, daemon: Daemon) -> None:
    await city.until(lambda: city.leader() == daemon.name, SUCCESSION_SECONDS)


async def ask_for(city: City, replicas: int) -> None:
    await city.put(f"/desired/{POOL}", pool(replicas))


async def come_up(city: City, replicas: int) -> None:
    """Each node was asked for once, by whomever; the pool says that it is ready."""
    await city.until(
        lambda: (
            city.writes("insert") == names(replicas)
            and city.ready(POOL)
            and city.value(f"/status/{POOL}")["summary"]["ready"] == replicas
        )
    )


def acts(city: City) -> list[Any]:
    """What was done, by whom, as home tells of it: a moment later."""
    return [each for each in city.events() if each["action"]]


def planned(daemon: Daemon) -> list[tuple[str, str]]:
    plan = daemon.api("plan")
    return [(step["id"], step["reason"]) for step in plan["steps"]]


async def test_a_killed_leader_is_succeeded_within_its_lease_by_one_of_two(city: City) -> None:
    async with city.daemon("one") as one:
        await leads(city, one)
        async with city.daemon("two") as two, city.daemon("three") as three:
            await ask_for(city, 2)
            await come_up(city, 2)
            await city.until(lambda: planned(two) == planned(three) == planned(one))
            await city.until(lambda: len(acts(city)) == 2)
            one.send(signal.SIGKILL)
            await ask_for(city, 4)
            await city.until(lambda: city.leader() in ("two", "three"), SUCCESSION_SECONDS)
            await come_up(city, 4)
            await city.until(lambda: len(acts(city)) == 4)

            acting = Counter(each["actor"] for each in await city.look(lambda: acts(city)))
            assert acting == {"one": 2, await city.look(city.leader): 2}


async def test_a_leader_that_is_told_to_stop_is_succeeded_long_before_its_lease_ends(
    city: City,
) -> None:
    async with city.daemon("one", lease_seconds=LONG_LEASE_SECONDS) as one:
        await leads(city, one)
        async with city.daemon("two") as two:
            await ask_for(city, 1)
            await come_up(city, 1)
            await city.until(lambda: planned(two) == [])
            one.send(signal.SIGTERM)

            await leads(city, two)
            await city.until(lambda: one.ended)
            await ask_for(city, 2)
            await come_up(city, 2)


async def test_followers_plan_as_the_leader_does(city: City) -> None:
    async with city.daemon("one") as one:
        await leads(city, one)
        async with city.daemon("two") as two:
            await ask_for(city, 1)
            await come_up(city, 1)
            asking = {"policy": {"approval": "ask"}}
            await city.put(f"/desired/{POOL}", {"metadata": asking, **pool(3)})
            await city.until(lambda: len(planned(one)) == 2 and planned(one) == planned(two))

            assert await city.look(lambda: city.writes("insert")) == names(1)


async def test_a_call_that_arrives_after_its_senders_lease_changes_nothing(city: City) -> None:
    """The leader's request is held up on its way, and the leader is stopped, as a machine that
    is suspended; its successor repeats the request, under the same id; then the first arrives."""
    async with city.daemon("one") as one:
        await leads(city, one)
        async with city.daemon("two") as two:
            await ask_for(city, 1)
            await come_up(city, 1)
            one.ways["gce"].hold_back(b"POST")
            await ask_for(city, 2)
            await city.until(lambda: one.ways["gce"].holds_back)
            one.send(signal.SIGSTOP)
            await leads(city, two)
            await come_up(city, 2)
            before = await city.look(city.instances)
            one.ways["gce"].thaw()
            await city.until(lambda: city.writes("insert") == ["web1", "web2", "web2"])
            one.send(signal.SIGCONT)
            await city.until(lambda: planned(one) == planned(two) == [])

            assert await city.look(city.instances) == before, "the same call, so the same effect"
            assert await city.look(city.leader) == "two"
            assert await city.look(lambda: city.ready(POOL))


async def test_a_leader_without_its_home_steps_down_before_another_leads(city: City) -> None:
    async with city.daemon("one") as one:
        await leads(city, one)
        async with city.daemon("two") as two:
            await ask_for(city, 2)
            await come_up(city, 2)
            one.ways["home"].part()
            one.ways["keys"].part()
            await city.fault("instance-delete", name="web2")
            await leads(city, two)
            await city.until(lambda: city.writes("insert") == ["web1", "web2", "web2"])
            one.ways["home"].thaw()
            one.ways["keys"].thaw()
            await city.until(lambda: planned(one) == planned(two) == [] and city.ready(POOL))

            assert await city.look(lambda: city.writes("insert")) == ["web1", "web2", "web2"]
            assert await city.look(city.leader) == "two"


@pytest.mark.parametrize("hours", [pytest.param(1, id="ahead"), pytest.param(-1, id="behind")])
async def test_clocks_that_are_an_hour_apart_change_nothing(city: City, hours: float) -> None:
    async with city.daemon("off", clock_shift_seconds=hours * HOUR_SECONDS) as off:
        await leads(city, off)
        async with city.daemon("right") as right:
            await ask_for(city, 2)
            await come_up(city, 2)
            assert await city.look(city.leader) == "off", "the lease is by the store's time"
            await city.until(lambda: len(acts(city)) == 2)
            off.send(signal.SIGKILL)
            await leads(city, right)
            await ask_for(city, 3)
            await come_up(city, 3)

            await city.until(lambda: len(acts(city)) == 3)
            asked = [each["target"] for each in await city.look(lambda: acts(city))]
            assert asked == [f"compute:{name}" for name in names(3)], "in the order of happening"
