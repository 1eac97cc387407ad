"""Lists: their order, their pages, and the scopes of an aggregated one."""

from datetime import UTC, datetime

import pytest

from localcloud.compute.api import listing
from localcloud.compute.errors import ApiError
from tests.localcloud.compute.world import ZONE, World, body

SCOPE = f"zones/{ZONE}"


def pages(world: World, **parameters: str) -> list[list[str]]:
    """The names on each page, following the tokens."""
    found: list[list[str]] = []
    while len(found) < 20:
        page = listing.page(world.compute, "p", SCOPE, "instances", listing.query(parameters))
        found.append([item["name"] for item in page.get("items", [])])
        if "nextPageToken" not in page:
            return found
        parameters["pageToken"] = page["nextPageToken"]
    pytest.fail("the pages do not end")


def fill(world: World, *names: str) -> None:
    for name in names:
        world.compute.instances.insert(ZONE, body(name))
        world.clock.advance(1)


def test_a_list_is_in_the_order_of_names_and_comes_in_pages(world: World) -> None:
    fill(world, "e", "b", "d", "a", "c")
    assert pages(world, maxResults="2") == [["a", "b"], ["c", "d"], ["e"]]


def test_a_list_can_begin_with_the_newest(world: World) -> None:
    fill(world, "e", "b", "d")
    assert pages(world, maxResults="2", orderBy="creationTimestamp desc") == [["d", "b"], ["e"]]


def test_the_newest_comes_first_over_the_end_of_summer_time(world: World) -> None:
    last_hour_of_summer = datetime(2014, 11, 2, 8, 59, tzinfo=UTC).timestamp()
    world.clock.advance(last_hour_of_summer - world.clock.now())
    fill(world, "summer")
    world.clock.advance(120)
    fill(world, "winter")
    assert pages(world, maxResults="1", orderBy="creationTimestamp desc") == [
        ["winter"],
        ["summer"],
    ]


def test_a_page_goes_on_where_the_last_one_ended_though_that_one_is_gone(world: World) -> None:
    fill(world, "a", "b", "c")
    query = listing.query({"maxResults": "2"})
    token = listing.page(world.compute, "p", SCOPE, "instances", query)["nextPageToken"]
    world.compute.instances.delete(ZONE, "b")
    world.advance()
    assert pages(world, pageToken=token) == [["c"]]


def test_a_filter_comes_before_the_pages(world: World) -> None:
    fill(world, "a1", "b1", "a2", "b2")
    assert pages(world, maxResults="1", filter="name:a*") == [["a1"], ["a2"]]


def test_an_empty_list_has_no_items(world: World) -> None:
    page = listing.page(world.compute, "p", SCOPE, "instances", listing.query({}))
    assert "items" not in page


def test_an_aggregated_list_warns_of_every_zone_without_results(world: World) -> None:
    world.insert()
    answer = listing.aggregated(world.compute, "p", "instances", listing.query({}))["items"]
    assert [one["name"] for one in answer.pop(SCOPE)["instances"]] == ["core1"]
    assert len(answer) > 5
    assert {scope["warning"]["code"] for scope in answer.values()} == {"NO_RESULTS_ON_PAGE"}


def test_an_aggregated_list_is_cut_into_pages_over_all_zones(world: World) -> None:
    world.insert("core1", "us-central1-a")
    world.insert("core2", "europe-west1-b")
    query = listing.query({"maxResults": "1"})
    first = listing.aggregated(world.compute, "p", "instances", query)
    query = listing.query({"maxResults": "1", "pageToken": first["nextPageToken"]})
    second = listing.aggregated(world.compute, "p", "instances", query)
    assert "instances" in first["items"]["zones/europe-west1-b"]
    assert "instances" not in first["items"]["zones/us-central1-a"]
    assert "instances" in second["items"]["zones/us-central1-a"]
    assert "nextPageToken" not in second


@pytest.mark.parametrize(
    "parameters",
    [
        {"maxResults": "501"},
        {"maxResults": "-1"},
        {"maxResults": "²"},
        {"maxResults": "9" * 5000},
        {"pageToken": "x"},
        {"pageToken": "bm8="},
        {"orderBy": "status"},
        {"filter": "shape=round"},
    ],
)
def test_a_parameter_out_of_range_is_refused(parameters: dict[str, str]) -> None:
    with pytest.raises(ApiError) as refused:
        listing.query(parameters)
    assert refused.value.status == 400


def test_an_unknown_parameter_is_tolerated(world: World) -> None:
    fill(world, "a")
    assert pages(world, returnPartialSuccess="true") == [["a"]]


def test_the_usage_of_a_region_counts_what_runs_in_it(world: World) -> None:
    world.insert()
    region = listing.get(world.compute, "p", "", "regions", "europe-west1")
    used = {quota["metric"]: quota["usage"] for quota in region["quotas"] if quota["usage"]}
    assert used == {"CPUS": 1, "DISKS_TOTAL_GB": 10, "INSTANCES": 1}
