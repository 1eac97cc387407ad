"""How many requests a minute takes, and when the next one begins."""

import pytest

from tests.localcloud.compute.api import Api
from tests.localcloud.compute.world import ZONE, body

INSTANCES = f"/zones/{ZONE}/instances"
TO_THE_MINUTE_SECONDS = 40  # the clock begins twenty seconds after a whole minute


async def refused(api: Api, method: str, path: str) -> bool:
    status, answer = await api.call(method, path, body() if method == "POST" else None)
    if status == 200:
        return False
    error = answer["error"]["errors"][0]
    assert (status, error["reason"], error["domain"]) == (403, "rateLimitExceeded", "usageLimits")
    return True


@pytest.mark.parametrize(
    ("group", "method", "path"),
    [
        ("ReadGroup", "GET", "/global/networks/default"),
        ("ListGroup", "GET", INSTANCES),
        ("HeavyWeightReadGroup", "GET", "/aggregated/instances"),
    ],
)
async def test_the_request_after_the_last_one_of_its_group_waits_for_the_whole_minute(
    group: str, method: str, path: str, api: Api
) -> None:
    api.world.compute.mishaps.quota(group, 2)
    assert [await refused(api, method, path) for _ in range(3)] == [False, False, True]
    api.world.advance(TO_THE_MINUTE_SECONDS - 1)
    assert await refused(api, method, path)
    api.world.advance(1)
    assert not await refused(api, method, path)


async def test_a_write_that_is_one_too_many_changes_nothing(api: Api) -> None:
    api.world.compute.mishaps.quota("DefaultGroup", 0)
    assert await refused(api, "POST", INSTANCES)
    assert api.world.names() == []


async def test_looking_at_operations_has_a_budget_of_its_own(api: Api) -> None:
    _, operation = await api.call("POST", INSTANCES, body())
    api.world.compute.mishaps.quota("OperationReadGroup", 1)
    path = f"/zones/{ZONE}/operations/{operation['name']}"
    assert [await refused(api, "GET", path) for _ in range(2)] == [False, True]
    assert not await refused(api, "GET", f"{INSTANCES}/core1")


async def test_there_are_1500_requests_in_a_minute(api: Api) -> None:
    for _ in range(1500):
        api.world.compute.door.charge("ReadGroup")
    assert await refused(api, "GET", f"/zones/{ZONE}")
