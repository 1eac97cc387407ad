"""The daemon's API, against its own server."""

from collections.abc import AsyncIterator

import pytest

from steersman.clients.daemon import DaemonClient
from steersman.model.errors import ErrorClass, OutsideError, UnreachableError
from tests.cli.support import NOBODY, Told, answering, resource


@pytest.fixture
async def client(told: Told) -> AsyncIterator[DaemonClient]:
    with answering(told) as url:
        client = DaemonClient(f"{url}/")
        yield client
        await client.close()


async def test_a_path_is_read(client: DaemonClient, told: Told) -> None:
    told.items = [resource("unit", "es")]
    assert await client.get("/api/v1/resources") == told.resources()


async def test_what_is_not_there_is_none(client: DaemonClient) -> None:
    assert await client.get("/api/v1/resources/unit/es") is None


async def test_checks_are_read_even_when_they_fail(client: DaemonClient, told: Told) -> None:
    assert await client.checks("/readyz") == told.ready()


async def test_another_answer_is_an_error(client: DaemonClient) -> None:
    with pytest.raises(OutsideError, match="answers 400: limit is a number from") as refused:
        await client.get("/api/v1/events?limit=many")
    assert refused.value.kind is ErrorClass.INVALID


async def test_a_page_that_is_not_json_is_an_error(client: DaemonClient) -> None:
    with pytest.raises(OutsideError, match="not JSON"):
        await client.get("/metrics")


async def test_no_answer_names_the_address() -> None:
    client = DaemonClient(f"http://{NOBODY}")
    with pytest.raises(UnreachableError, match=NOBODY):
        await client.get("/api/v1/plan")
    await client.close()


def test_a_url_that_names_no_daemon_is_refused() -> None:
    with pytest.raises(ValueError, match="is no daemon"):
        DaemonClient("localhost:9110")
