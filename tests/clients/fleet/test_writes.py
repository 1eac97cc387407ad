"""What the fleet client writes, what it refuses to, and what comes of a failed write."""

from typing import Any

import pytest

from steersman.clients.fleet import FleetClient
from steersman.model.errors import CorruptUnitError, ErrorClass, OutsideError
from steersman.model.observed import UnitOption
from tests.clients.fleet.replay import (
    FLEETD,
    FOO,
    NO_ETCD,
    OPTIONS,
    OPTIONS_JSON,
    TIMEOUT_SECONDS,
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
)


@pytest.mark.parametrize("status", [201, 204])
async def test_options_and_state_are_written_together(status: int) -> None:
    async with serving({f"PUT {FOO}": says(None, status, FLEETD)}) as server:
        client = FleetClient(server.url)
        await client.put_unit("foo.service", OPTIONS, "launched", timeout_seconds=TIMEOUT_SECONDS)
        await client.close()
    (asked,) = server.asked
    assert asked.body == {"desiredState": "launched", "options": OPTIONS_JSON}


async def test_a_state_is_written_alone() -> None:
    path = "/fleet/v1/units/elasticsearch@1.service"
    async with serving({f"PUT {path}": says(None, 204)}) as server:
        client = FleetClient(server.url)
        await client.set_state("elasticsearch@1.service", "loaded", timeout_seconds=TIMEOUT_SECONDS)
        await client.close()
    assert [(asked.line, asked.body) for asked in server.asked] == [
        (f"PUT {path}", {"desiredState": "loaded"})
    ]


def command(value: str) -> tuple[UnitOption, ...]:
    return (*OPTIONS, UnitOption("Service", "ExecStart", value))


@pytest.mark.parametrize(
    ("name", "options", "state", "words"),
    [
        pytest.param("a.service", OPTIONS, "Launched", "not a desired state", id="a fourth word"),
        pytest.param("a@.service", OPTIONS, "launched", "template", id="a template that runs"),
        pytest.param("a", OPTIONS, "launched", "ends in", id="a name that fleet refuses"),
        pytest.param("a.service", (), "launched", "options", id="no options"),
        pytest.param(
            "a.service", command("/a\nExecStop=/b"), "launched", "newline", id="a newline"
        ),
        pytest.param(
            "a.service", command(" /a"), "launched", "blanks", id="a blank before a value"
        ),
        pytest.param(
            "a.service", command("/a \\"), "launched", "ExecStart", id="a loose backslash"
        ),
        pytest.param("a.service", command("x" * 3000), "launched", "bytes", id="a long line"),
    ],
)
async def test_a_write_that_would_harm_the_cluster_is_not_sent(
    name: str, options: tuple[UnitOption, ...], state: Any, words: str
) -> None:
    async with serving({}) as server:
        client = FleetClient(server.url)
        with pytest.raises(ValueError, match=words):
            await client.put_unit(name, options, state, timeout_seconds=TIMEOUT_SECONDS)
        await client.close()
    assert server.asked == []


async def test_nor_is_it_looked_for_before_it_is_created() -> None:
    async with serving({}) as server:
        client = FleetClient(server.url)
        with pytest.raises(ValueError, match="newline"):
            await client.create_unit(
                "a.service", command("/a\n/b"), timeout_seconds=TIMEOUT_SECONDS
            )
        await client.close()
    assert server.asked == []


@pytest.mark.parametrize(
    ("name", "state"), [("a.service", "bogus"), ("a@.service", "loaded"), ("a.service", "")]
)
async def test_a_state_that_would_harm_the_cluster_is_not_sent(name: str, state: Any) -> None:
    async with serving({}) as server:
        client = FleetClient(server.url)
        with pytest.raises(ValueError, match=r"desired state|template"):
            await client.set_state(name, state, timeout_seconds=TIMEOUT_SECONDS)
        await client.close()
    assert server.asked == []


@pytest.mark.parametrize(
    ("answer", "kind", "applied"),
    [
        pytest.param(refusal(400, "line too long"), ErrorClass.INVALID, False, id="400"),
        pytest.param(refusal(409, "unit does not exist"), ErrorClass.CONFLICT, False, id="409"),
        pytest.param(refusal(415), ErrorClass.INVALID, False, id="415"),
        pytest.param(refusal(500), ErrorClass.TRANSIENT, None, id="500"),
        pytest.param(HTML, ErrorClass.TRANSIENT, None, id="HTML with 200"),
        pytest.param(closes, ErrorClass.TRANSIENT, None, id="a closed connection"),
        pytest.param(hangs, ErrorClass.TRANSIENT, None, id="silence"),
    ],
)
async def test_a_failed_write_is_sorted_by_what_to_do_next_and_tried_once(
    answer: Behaviour, kind: ErrorClass, applied: bool | None
) -> None:
    async with serving({f"PUT {FOO}": answer}) as first, serving({}) as second:
        client = FleetClient(f"{first.url},{second.url}")
        with pytest.raises(OutsideError) as caught:
            await client.put_unit(
                "foo.service", OPTIONS, "launched", timeout_seconds=patience(answer)
            )
        await client.close()
    assert (caught.value.kind, caught.value.applied) == (kind, applied)
    assert (len(first.asked), second.asked) == (1, [])


async def test_a_write_that_was_turned_away_goes_on_to_the_next_endpoint_and_stays_there() -> None:
    gone = says(None, 204)
    refused = f"http://127.0.0.1:{closed_port()}"
    async with serving({f"DELETE {FOO}": NO_ETCD}) as bad, serving({f"DELETE {FOO}": gone}) as good:
        client = FleetClient(f"{refused},{bad.url},{good.url}")
        for _ in range(2):
            await client.delete_unit("foo.service", timeout_seconds=TIMEOUT_SECONDS)
        await client.close()
    assert (len(bad.asked), len(good.asked)) == (1, 2)


async def test_a_write_that_every_endpoint_turns_away_was_not_applied() -> None:
    async with (
        serving({f"DELETE {FOO}": NO_ETCD}) as one,
        serving({f"DELETE {FOO}": NO_ETCD}) as two,
    ):
        client = FleetClient(f"{one.url},{two.url}")
        with pytest.raises(OutsideError) as caught:
            await client.delete_unit("foo.service", timeout_seconds=TIMEOUT_SECONDS)
        await client.close()
    assert (caught.value.code, caught.value.applied) == ("503", False)
    assert (len(one.asked), len(two.asked)) == (1, 1)


async def test_after_a_write_without_an_answer_the_next_endpoint_is_in_use() -> None:
    gone = says(None, 204)
    async with serving({f"DELETE {FOO}": closes}) as bad, serving({f"DELETE {FOO}": gone}) as good:
        client = FleetClient(f"{bad.url},{good.url}")
        with pytest.raises(OutsideError):
            await client.delete_unit("foo.service", timeout_seconds=TIMEOUT_SECONDS)
        await client.delete_unit("foo.service", timeout_seconds=TIMEOUT_SECONDS)
        await client.close()
    assert (len(bad.asked), len(good.asked)) == (1, 1)


async def test_a_unit_is_created_inactive_where_there_is_none() -> None:
    answers = {f"GET {FOO}": refusal(404, "unit does not exist"), f"PUT {FOO}": says(None, 201)}
    async with serving(answers) as server:
        client = FleetClient(server.url)
        await client.create_unit("foo.service", OPTIONS, timeout_seconds=TIMEOUT_SECONDS)
        await client.close()
    assert server.asked[-1].body == {"desiredState": "inactive", "options": OPTIONS_JSON}


@pytest.mark.parametrize(
    ("there", "error", "kind"),
    [
        pytest.param(says(UNITS_JSON[0]), OutsideError, ErrorClass.CONFLICT, id="it is there"),
        pytest.param(refusal(500), CorruptUnitError, ErrorClass.INVALID, id="fleet cannot read it"),
    ],
)
async def test_what_is_there_is_not_created_again(
    there: Behaviour, error: type[OutsideError], kind: ErrorClass
) -> None:
    async with serving(fleetd() | {f"GET {FOO}": there}) as server:
        client = FleetClient(server.url)
        with pytest.raises(error) as caught:
            await client.create_unit("foo.service", OPTIONS, timeout_seconds=TIMEOUT_SECONDS)
        await client.close()
    assert (caught.value.kind, caught.value.applied) == (kind, False)
    assert f"PUT {FOO}" not in server.lines


@pytest.mark.parametrize(
    "answer", [says(None, 204, FLEETD), refusal(404, "unit does not exist")], ids=["204", "404"]
)
async def test_a_unit_that_is_not_there_is_as_good_as_deleted(answer: Behaviour) -> None:
    async with serving({f"DELETE {FOO}": answer}) as server:
        client = FleetClient(server.url)
        await client.delete_unit("foo.service", timeout_seconds=TIMEOUT_SECONDS)
        await client.close()
    assert server.lines == [f"DELETE {FOO}"]


async def test_a_unit_that_fleet_cannot_read_is_not_as_good_as_deleted() -> None:
    async with serving({f"DELETE {FOO}": refusal(500)}) as server:
        client = FleetClient(server.url)
        with pytest.raises(OutsideError, match="500"):
            await client.delete_unit("foo.service", timeout_seconds=TIMEOUT_SECONDS)
        await client.close()
