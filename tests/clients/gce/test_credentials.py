"""Who the Compute Engine client says it is, and what it makes of not being believed."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from steersman.clients.gce import ComputeClient
from steersman.clients.gce.threads import THREADS_MAX
from steersman.model.errors import ErrorClass, OutsideError, UnreachableError
from tests.clients.gce.replay import (
    GET_OPERATION,
    INSERT,
    LIST,
    OPERATION_JSON,
    REQUEST_ID,
    SHORT_SECONDS,
    insert,
    recorded,
    scopes,
)
from tests.clients.replay import Behaviour, Replay, closed_port, says, serving, serving_app

DENIED, TRANSIENT = ErrorClass.DENIED, ErrorClass.TRANSIENT
SECRET = "s3cret"
GRANTED = {
    "access_token": "t0ken",
    "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
    "token_type": "Bearer",
    "expires_in": 3600,
}
SHORT_LIVED = {**GRANTED, "expires_in": 1}  # a new one is due at once
EXPIRED = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}


@dataclass
class Tokens:
    """A token server that answers so, and how often it was asked."""

    answer: Behaviour
    asked: int = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        return await self.answer(request)


def federated(directory: Path, token_url: str) -> Path:
    """Credentials of a workload that trades its own token for one of Google's."""
    (directory / "own-token").write_text("own")
    path = directory / "federated.json"
    config = {
        "type": "external_account",
        "audience": "//iam.example.test/pool",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": token_url,
        "credential_source": {"file": str(directory / "own-token")},
    }
    path.write_text(json.dumps(config))
    return path


@pytest.fixture
def use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes credentials that trade tokens at this address the default ones."""

    def use(token_url: str) -> None:
        path = federated(tmp_path, token_url)
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))

    return use


@asynccontextmanager
async def api(
    answers: dict[str, Behaviour], credentials: str = "default"
) -> AsyncIterator[tuple[ComputeClient, Replay]]:
    async with serving(answers) as server:
        client = ComputeClient("p", endpoint=server.url, credentials=credentials)
        try:
            yield client, server
        finally:
            await client.close()


@asynccontextmanager
async def trading(tokens: Tokens, use: Callable[[str], None]) -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_post("/token", tokens.handle)
    async with serving_app(app) as url:
        use(f"{url}/token")
        yield


def asks(client: ComputeClient) -> tuple[Callable[[], Awaitable[object]], ...]:
    """A read by each way there is, and a write."""
    return (
        client.list_instances,
        lambda: client.get_operation("europe-west1-b", "operation-1"),
        lambda: insert(client),
    )


async def test_one_token_serves_reads_and_writes(use: Callable[[str], None]) -> None:
    tokens = Tokens(says(GRANTED))
    seen: list[str] = []
    answers = {
        LIST: noting(seen, scopes({})),
        GET_OPERATION: noting(seen, OPERATION_JSON),
        INSERT: noting(seen, OPERATION_JSON),
    }
    async with trading(tokens, use), api(answers) as (client, _):
        for ask in asks(client):
            await ask()
    assert (tokens.asked, seen) == (1, ["Bearer t0ken"] * 3)


def noting(seen: list[str], body: object) -> Behaviour:
    async def behave(request: web.BaseRequest) -> web.StreamResponse:
        seen.append(request.headers.get("Authorization", ""))
        return await says(body)(request)

    return behave


async def test_without_a_token_nothing_is_sent(use: Callable[[str], None]) -> None:
    async with trading(Tokens(says(EXPIRED, 400)), use), api({}) as (client, server):
        for ask in asks(client):
            with pytest.raises(OutsideError) as caught:
                await ask()
            error = caught.value
            assert (error.kind, error.code, error.applied) == (DENIED, "credentials", False)
    assert server.asked == []


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(says({}), id="no token"),
        pytest.param(says([SECRET]), id="a list"),
        pytest.param(says("<html>"), id="no JSON"),
        pytest.param(says({"error": {"x": 1}}, 400), id="an error of another shape"),
        pytest.param(recorded("503-page.html"), id="a page"),
    ],
)
async def test_a_token_server_that_talks_nonsense_gives_no_token(
    answer: Behaviour, use: Callable[[str], None]
) -> None:
    async with trading(Tokens(answer), use), api({}) as (client, server):
        for ask in asks(client):
            with pytest.raises(OutsideError) as caught:
                await ask()
            assert caught.value.applied is False
            assert SECRET not in str(caught.value)
    assert server.asked == []


async def test_a_token_server_that_does_not_listen_may_do_so_later(
    use: Callable[[str], None],
) -> None:
    use(f"http://127.0.0.1:{closed_port()}/token")
    async with api({}) as (client, server):
        for ask in asks(client):
            with pytest.raises(OutsideError) as caught:
                await ask()
            error = caught.value
            assert (error.kind, error.code, error.applied) == (TRANSIENT, "credentials", False)
    assert server.asked == []


async def test_a_write_whose_token_came_too_late_is_not_sent(use: Callable[[str], None]) -> None:
    tokens = Tokens(says(SHORT_LIVED))
    released, everybody = asyncio.Event(), asyncio.Barrier(THREADS_MAX)

    async def late(request: web.BaseRequest) -> web.StreamResponse:
        await released.wait()
        return await says(SHORT_LIVED)(request)

    async def together(request: web.BaseRequest) -> web.StreamResponse:
        await everybody.wait()
        return await says(scopes({}))(request)

    answers = {GET_OPERATION: says(OPERATION_JSON), LIST: together, INSERT: says(OPERATION_JSON)}
    async with trading(tokens, use), api(answers) as (client, server):
        await client.get_operation("europe-west1-b", "operation-1")
        tokens.answer = late
        with pytest.raises(UnreachableError):
            await client.insert_instance(
                "europe-west1-b", {}, request_id=REQUEST_ID, timeout_seconds=SHORT_SECONDS
            )
        released.set()
        # all threads can only be here once that of the insert has ended
        await asyncio.gather(*(client.list_instances() for _ in range(THREADS_MAX)))
    assert set(server.lines) == {GET_OPERATION, LIST}


async def test_a_token_that_the_api_refuses_is_denied(use: Callable[[str], None]) -> None:
    refused = recorded("401-authError.json")
    answers = {LIST: refused, GET_OPERATION: refused, INSERT: refused}
    async with trading(Tokens(says(GRANTED)), use), api(answers) as (client, _):
        for ask in asks(client):
            with pytest.raises(OutsideError) as caught:
                await ask()
            error = caught.value
            assert (error.kind, error.code, error.applied) == (DENIED, "authError", False)


async def test_a_token_that_a_read_was_refused_with_is_not_used_again(
    use: Callable[[str], None],
) -> None:
    tokens = Tokens(says(GRANTED))

    async def only_the_second(request: web.BaseRequest) -> web.StreamResponse:
        behave = says(scopes({})) if tokens.asked == 2 else recorded("401-authError.json")
        return await behave(request)

    async with trading(tokens, use), api({LIST: only_the_second}) as (client, server):
        with pytest.raises(OutsideError):
            await client.list_instances()
        assert (await client.list_instances()).instances == ()
    assert len(server.asked) == 2


async def test_who_is_nobody_is_denied_where_somebody_is_asked_for() -> None:
    refused = recorded("401-authError.json")
    answers = {LIST: refused, GET_OPERATION: refused, INSERT: refused}
    async with api(answers, "anonymous") as (client, _):
        for ask in asks(client):
            with pytest.raises(OutsideError) as caught:
                await ask()
            error = caught.value
            assert (error.kind, error.code, error.applied) == (DENIED, "credentials", False)


def key_of_a_service_account(directory: Path, **fields: Any) -> Path:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = directory / "key.json"
    whole = {
        "type": "service_account",
        "client_email": "steersman@p.iam.example.test",
        "private_key": pem.decode(),
        "universe_domain": "example.test",  # or the library asks Google where it may be used
        "token_uri": f"http://127.0.0.1:{closed_port()}/token",
        **fields,
    }
    path.write_text(json.dumps(whole))
    return path


async def test_a_service_account_signs_its_own_tokens(tmp_path: Path) -> None:
    key = key_of_a_service_account(tmp_path)  # whose token server does not listen
    seen: list[str] = []
    answers = {
        LIST: noting(seen, scopes({})),
        GET_OPERATION: noting(seen, OPERATION_JSON),
        INSERT: noting(seen, OPERATION_JSON),
    }
    async with api(answers, str(key)) as (client, _):
        for ask in asks(client):
            await ask()
    assert all(each.startswith("Bearer ey") for each in seen)
    assert len(seen) == 3


async def test_a_key_that_is_none_is_denied_and_not_shown(tmp_path: Path) -> None:
    key = key_of_a_service_account(tmp_path, private_key=SECRET)
    async with api({}, str(key)) as (client, server):
        with pytest.raises(OutsideError) as caught:
            await insert(client)
    assert (caught.value.kind, caught.value.code) == (DENIED, "credentials")
    assert SECRET not in str(caught.value)
    assert server.asked == []


async def test_a_key_file_that_is_not_there_is_denied() -> None:
    client = ComputeClient("p", endpoint="http://127.0.0.1:1", credentials="/nowhere/key.json")
    with pytest.raises(OutsideError) as caught:
        await client.list_instances()
    await client.close()
    assert (caught.value.kind, caught.value.code) == (DENIED, "credentials")
