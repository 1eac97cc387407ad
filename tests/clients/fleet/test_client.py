"""The fleet client against answers that a real fleetd 1.0.0 gave, and against worse ones."""

from pathlib import Path

import pytest
from aiohttp import web

from steersman.clients.fleet import FleetClient
from steersman.clients.fleet.client import PAGES_MAX, READINGS_MAX
from steersman.model.errors import (
    CorruptUnitError,
    ErrorClass,
    OutsideError,
    UnreachableError,
)
from steersman.model.observed import FleetUnit, Machine, UnitState
from tests.clients.fleet.replay import (
    FLEETD,
    FOO,
    HASH,
    MACHINE,
    MACHINES,
    NO_ETCD,
    OPTIONS,
    OPTIONS_JSON,
    STATES,
    TIMEOUT_SECONDS,
    UNITS,
    UNITS_JSON,
    fleetd,
    patience,
    refusal,
)
from tests.clients.replay import (
    HTML,
    Behaviour,
    closed_port,
    closes,
    hangs,
    says,
    serving,
    truncates,
)

NOT_FLEETS = says("<h1>404 Not Found</h1>", 404)
SICK = [
    pytest.param(NO_ETCD, id="no etcd"),
    closes,
    hangs,
    pytest.param(truncates, id="half an answer"),
    pytest.param(HTML, id="HTML"),
    pytest.param(says(None, 502), id="a proxy that finds nobody"),
]


async def test_a_read_holds_machines_units_and_states() -> None:
    async with serving(fleetd()) as server:
        client = FleetClient(server.url)
        read = await client.read()
        await client.close()
    assert read.version == "1.0.0"
    assert read.machines == (Machine(MACHINE, "127.0.0.13", {"role": "data", "zone": "z3"}),)
    assert read.units == (FleetUnit("foo.service", OPTIONS, HASH, "launched", "launched", MACHINE),)
    assert read.states == (UnitState("foo.service", HASH, MACHINE, "loaded", "active", "running"),)


async def test_an_empty_object_is_an_empty_list() -> None:
    empty = says({}, headers=FLEETD)
    async with serving({MACHINES: empty, UNITS: empty, STATES: empty}) as server:
        client = FleetClient(server.url)
        read = await client.read()
        await client.close()
    assert (read.machines, read.units, read.states, read.version) == ((), (), (), "1.0.0")


async def test_a_unit_that_is_placed_nowhere_has_neither_state_nor_machine() -> None:
    unit = {"desiredState": "launched", "name": "glob.service", "options": OPTIONS_JSON}
    async with serving(fleetd(units=says({"units": [unit]}))) as server:
        client = FleetClient(server.url)
        (seen,) = (await client.read()).units
        await client.close()
    assert (seen.current_state, seen.machine_id, seen.desired_state) == (None, None, "launched")


async def test_pages_are_followed_until_there_is_no_token_even_to_an_empty_page() -> None:
    answers = fleetd(units=says({"nextPageToken": "ZAACAA==", "units": UNITS_JSON}))
    second = {**UNITS_JSON[0], "name": "page999.service"}
    answers["GET /fleet/v1/units?nextPageToken=ZAACAA%3D%3D"] = says(
        {"nextPageToken": "ZAADAA==", "units": [second]}
    )
    answers["GET /fleet/v1/units?nextPageToken=ZAADAA%3D%3D"] = says({})
    async with serving(answers) as server:
        client = FleetClient(server.url)
        read = await client.read()
        await client.close()
    assert [unit.name for unit in read.units] == ["foo.service", "page999.service"]


UNITS_2 = "GET /fleet/v1/units?nextPageToken=ZAACAA%3D%3D"


def named(*names: str, more: bool = False) -> Behaviour:
    """A page of units."""
    units = [{**UNITS_JSON[0], "name": name} for name in names]
    return says({"units": units, **({"nextPageToken": "ZAACAA=="} if more else {})})


def in_turn(*pages: Behaviour) -> Behaviour:
    """Each once, the last one for ever."""
    left = list(pages)

    async def behave(request: web.BaseRequest) -> web.StreamResponse:
        return await (left.pop(0) if len(left) > 1 else left[0])(request)

    return behave


async def test_a_unit_that_is_hidden_because_a_page_moved_is_found_by_another_reading() -> None:
    # b.service was removed between the pages, so c.service moved to the first one
    first = in_turn(
        named("a.service", "b.service", more=True), named("a.service", "c.service", more=True)
    )
    answers = {**fleetd(units=first), UNITS_2: named("d.service")}
    async with serving(answers) as server:
        client = FleetClient(server.url)
        read = await client.read()
        again = len(server.lines)
        await client.read()
        await client.close()
    assert [unit.name for unit in read.units] == ["a.service", "c.service", "d.service"]
    assert len(server.lines) - again == 4  # what holds still is read once


async def test_a_list_that_does_not_hold_still_is_an_error() -> None:
    moving = in_turn(*(named(f"u{n}.service", more=True) for n in range(READINGS_MAX)))
    async with serving({**fleetd(units=moving), UNITS_2: named("z.service")}) as server:
        client = FleetClient(server.url)
        with pytest.raises(OutsideError) as caught:
            await client.read()
        await client.close()
    assert (caught.value.kind, caught.value.code) == (ErrorClass.TRANSIENT, "moving")


async def test_pages_without_end_are_an_error() -> None:
    page = says({"nextPageToken": "ZAACAA==", "units": UNITS_JSON})
    answers = {**fleetd(units=page), "GET /fleet/v1/units?nextPageToken=ZAACAA%3D%3D": page}
    async with serving(answers) as server:
        client = FleetClient(server.url)
        with pytest.raises(OutsideError, match=f"more than {PAGES_MAX} pages"):
            await client.read()
        await client.close()


@pytest.mark.parametrize("which", ["machines", "units", "states"])
@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(HTML, id="HTML"),
        pytest.param(refusal(500), id="an error of fleet"),
        pytest.param(NO_ETCD, id="no etcd"),
        pytest.param(closes, id="a closed connection"),
        pytest.param(truncates, id="half an answer"),
        pytest.param(says({"machines": [{}], "units": [{}], "states": [{}]}), id="no names"),
        pytest.param(says({"machines": [1], "units": [1], "states": [1]}), id="no objects"),
        pytest.param(says({"machines": 1, "units": "a", "states": {"a": 1}}), id="no lists"),
    ],
)
async def test_a_read_is_whole_or_a_transient_error(which: str, behaviour: Behaviour) -> None:
    async with serving(fleetd(**{which: behaviour})) as server:
        client = FleetClient(server.url, read_timeout_seconds=TIMEOUT_SECONDS)
        with pytest.raises(OutsideError) as caught:
            await client.read()
        await client.close()
    assert (caught.value.kind, caught.value.applied) == (ErrorClass.TRANSIENT, False)


async def test_a_later_page_that_fails_fails_the_read() -> None:
    answers = fleetd(units=says({"nextPageToken": "ZAACAA==", "units": UNITS_JSON}))
    answers["GET /fleet/v1/units?nextPageToken=ZAACAA%3D%3D"] = refusal(500)
    async with serving(answers) as server:
        client = FleetClient(server.url)
        with pytest.raises(OutsideError):
            await client.read()
        await client.close()


@pytest.mark.parametrize("first", SICK)
async def test_a_read_goes_on_to_the_next_endpoint_and_stays_there(first: Behaviour) -> None:
    async with serving(fleetd(units=first)) as bad, serving(fleetd()) as good:
        client = FleetClient(f"{bad.url}, {good.url}", read_timeout_seconds=patience(first))
        assert [unit.name for unit in (await client.read()).units] == ["foo.service"]
        asked = len(bad.asked)
        await client.read()
        await client.close()
    assert len(bad.asked) == asked


@pytest.mark.parametrize("first", [*SICK, pytest.param(NOT_FLEETS, id="a 404 that is not fleet's")])
async def test_one_unit_is_asked_for_at_the_next_endpoint_in_what_time_is_left(
    first: Behaviour,
) -> None:
    there = {f"GET {FOO}": says(UNITS_JSON[0]), MACHINES: refusal(500)}
    async with serving({f"GET {FOO}": first}) as bad, serving(there) as good:
        client = FleetClient(f"{bad.url},{good.url}")
        for _ in range(2):
            found = await client.get_unit("foo.service", timeout_seconds=2 * patience(first))
            assert found is not None
        await client.close()
    assert len(bad.asked) == 1


async def test_a_404_that_is_not_fleets_does_not_say_that_there_is_no_unit() -> None:
    async with serving({f"GET {FOO}": NOT_FLEETS, f"DELETE {FOO}": NOT_FLEETS}) as server:
        client = FleetClient(server.url)
        for ask in (client.get_unit, client.delete_unit):
            with pytest.raises(OutsideError) as caught:
                await ask("foo.service", timeout_seconds=TIMEOUT_SECONDS)
            assert caught.value.kind is ErrorClass.TRANSIENT
        await client.close()


async def test_all_endpoints_silent_is_unreachable() -> None:
    endpoints = f"http://127.0.0.1:{closed_port()},http://127.0.0.1:{closed_port()}"
    client = FleetClient(endpoints)
    with pytest.raises(UnreachableError):
        await client.read()
    await client.close()


async def test_fleet_is_read_through_its_unix_socket(tmp_path: Path) -> None:
    path = str(tmp_path / "fleet.sock")
    async with serving(fleetd(), path):
        client = FleetClient(f"unix://{path}")
        assert len((await client.read()).machines) == 1
        await client.close()


async def test_sockets_and_addresses_may_stand_side_by_side(tmp_path: Path) -> None:
    path = str(tmp_path / "fleet.sock")
    async with serving(fleetd(units=NO_ETCD)) as bad, serving(fleetd(), path):
        client = FleetClient(f"unix://{tmp_path}/nobody.sock,{bad.url},unix://{path}")
        assert len((await client.read()).machines) == 1
        await client.close()


async def test_one_unit_is_read_or_is_not_there() -> None:
    gone = "/fleet/v1/units/gone.service"
    answers = {f"GET {FOO}": says(UNITS_JSON[0]), f"GET {gone}": refusal(404, "does not exist")}
    async with serving(answers) as server:
        client = FleetClient(server.url)
        found = await client.get_unit("foo.service", timeout_seconds=TIMEOUT_SECONDS)
        none = await client.get_unit("gone.service", timeout_seconds=TIMEOUT_SECONDS)
        await client.close()
    assert found == FleetUnit("foo.service", OPTIONS, HASH, "launched", "launched", MACHINE)
    assert none is None


@pytest.mark.parametrize(
    ("machines", "error", "code"),
    [
        pytest.param(says({}), CorruptUnitError, "corrupt", id="others can be read: it is corrupt"),
        pytest.param(refusal(500), OutsideError, "500", id="nothing can be read: nobody knows"),
        pytest.param(NO_ETCD, OutsideError, "500", id="etcd is gone by now: nobody knows"),
    ],
)
async def test_a_unit_that_cannot_be_read_is_not_a_unit_that_is_not_there(
    machines: Behaviour, error: type[OutsideError], code: str
) -> None:
    async with serving({f"GET {FOO}": refusal(500), MACHINES: machines}) as server:
        client = FleetClient(server.url)
        with pytest.raises(error) as caught:
            await client.get_unit("foo.service", timeout_seconds=TIMEOUT_SECONDS)
        await client.close()
    assert (type(caught.value), caught.value.code) == (error, code)


async def test_a_fleetd_that_has_lost_etcd_does_not_make_a_unit_corrupt_that_others_can_read() -> (
    None
):
    cut_off = {f"GET {FOO}": refusal(500), MACHINES: NO_ETCD}
    async with serving(cut_off) as bad, serving(fleetd()) as good:
        client = FleetClient(f"{bad.url},{good.url}")
        with pytest.raises(OutsideError) as caught:
            await client.get_unit("foo.service", timeout_seconds=TIMEOUT_SECONDS)
        await client.close()
    assert (type(caught.value), caught.value.kind) == (OutsideError, ErrorClass.TRANSIENT)


@pytest.mark.parametrize(
    "endpoints",
    ["", "127.0.0.1:9130", "unix://", "ftp://h:1", "http://a:1,", "http://a:99999", "http://a/b"],
)
def test_an_address_that_is_none_is_refused(endpoints: str) -> None:
    with pytest.raises(ValueError, match="is no fleet: expected http"):
        FleetClient(endpoints)
