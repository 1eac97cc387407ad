"""Several requests in one, as gcloud sends them for several names, and Google's Python client."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from googleapiclient.discovery import build
from googleapiclient.http import BatchHttpRequest, build_http
from hypothesis import given
from hypothesis import strategies as st

from localcloud.compute.api.batch import CALLS_MAX, unpack
from localcloud.compute.api.call import Call
from localcloud.compute.errors import ApiError
from tests.localcloud.compute.api import Api
from tests.localcloud.compute.world import ZONE, World, body

INSTANCES = f"/compute/v1/projects/p/zones/{ZONE}/instances"
WAIT_SECONDS = 60.0
MULTIPART = "multipart/mixed; boundary=x"


@dataclass
class Batch:
    """Google's own, against the local API; `answers` are bodies, or the status of a refusal."""

    api: Api
    answers: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        uri = f"{self.api.endpoint}/batch/compute/v1"
        self._batch = BatchHttpRequest(callback=self._answered, batch_uri=uri)
        self._service = build("compute", "v1", http=build_http(), static_discovery=True)

    def add(self, id_: str, collection: str, method: str, **arguments: Any) -> None:
        call = getattr(getattr(self._service, collection)(), method)
        self._batch.add(call(project="p", zone=ZONE, **arguments), request_id=id_)

    async def send(self) -> dict[str, Any]:
        http = build_http()
        try:
            await asyncio.to_thread(self._batch.execute, http=http)
        finally:
            http.close()
        return self.answers

    def _answered(self, id_: str, answer: Any, error: Any) -> None:
        self.answers[id_] = error.resp.status if error else answer


def part(id_: str, request: str) -> str:
    return f"--x\r\nContent-Type: application/http\r\nContent-ID: <{id_}>\r\n\r\n{request}\r\n"


async def post(api: Api, raw: str, content_type: str = MULTIPART) -> tuple[int, str]:
    url = f"{api.endpoint}/batch/compute/v1"
    headers = {"Content-Type": content_type, "User-Agent": "outer"}
    async with aiohttp.request("POST", url, data=raw.encode(), headers=headers) as response:
        return response.status, await response.text()


async def test_each_call_of_a_batch_has_its_own_answer_and_its_own_line_in_the_journal(
    api: Api,
) -> None:
    batch = Batch(api)
    batch.add("one", "instances", "insert", body=body("core1", description="später"))
    batch.add("again", "instances", "insert", body=body("core1"))
    batch.add("list", "instances", "list", filter="name=core1", fields="items(name,status)")
    batch.add("none", "instances", "get", instance="core9")
    answers = await batch.send()
    assert answers["one"]["operationType"] == "insert"
    assert answers["again"] == 409
    assert answers["list"] == {"items": [{"name": "core1", "status": "PROVISIONING"}]}
    assert answers["none"] == 404
    assert [(one.action, one.result) for one in api.entries] == [
        ("insert", "200"),
        ("insert", "409"),
    ]


async def test_a_call_that_waits_keeps_no_other_of_its_batch(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.localcloud.compute.api.WAIT_SECONDS", WAIT_SECONDS)
    async with Api(world) as api:
        _, operation = await api.call("POST", f"/zones/{ZONE}/instances", body())
        batch = Batch(api)
        batch.add("wait", "zoneOperations", "wait", operation=operation["name"])
        batch.add("delete", "instances", "delete", instance="core1")
        answers = asyncio.create_task(batch.send())
        async with asyncio.timeout(WAIT_SECONDS / 2):
            while len(api.entries) < 2:  # noqa: ASYNC110 - what the server does tells no event
                await asyncio.sleep(0.01)
        world.advance()
        assert (await answers)["wait"]["status"] == "DONE"


async def test_a_lost_reply_in_a_batch_loses_the_reply_of_the_batch(api: Api) -> None:
    api.world.compute.mishaps.lose_replies(1)
    insert = f"POST {INSTANCES} HTTP/1.1\r\n\r\n{json.dumps(body())}"
    with pytest.raises(aiohttp.ClientError):
        await post(api, f"{part('1', insert)}--x--")
    assert api.world.names() == ["core1"]
    assert [one.result for one in api.entries] == ["lost-reply"]


async def test_a_call_is_known_by_its_id_and_by_its_own_caller_or_that_of_the_batch(
    api: Api,
) -> None:
    raw = "".join(
        (
            part("a+1", f"DELETE {INSTANCES}/core1 HTTP/1.1\r\nuser-agent: inner\r\n\r\n"),
            part("a+2", f"DELETE http://other{INSTANCES}/core%31 HTTP/1.1\n\n"),
            part("a+3", "POST /batch/compute/v1 HTTP/1.1\r\n\r\n"),
            "--x--",
        )
    )
    status, answer = await post(api, raw)
    assert status == 200
    for number in (1, 2, 3):
        assert f"Content-ID: <response-a+{number}>\r\n\r\nHTTP/1.1 404 Not Found\r\n" in answer
    found = [(one.caller, one.target.rpartition("/")[2]) for one in api.entries]
    assert found == [("inner", "core1"), ("outer", "core1"), ("outer", "")]


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        pytest.param(part("1", f"GET {INSTANCES} HTTP/1.1\r\n\r\n"), MULTIPART, id="no end"),
        pytest.param("--x--", MULTIPART, id="no call"),
        pytest.param(part("1", "GET\r\n\r\n") + "--x--", MULTIPART, id="no address"),
        pytest.param(part("1", "GET http://[ HTTP/1.1\n\n") + "--x--", MULTIPART, id="no URL"),
        pytest.param(part("1", "") * (CALLS_MAX + 1) + "--x--", MULTIPART, id="too many"),
        pytest.param("{}", "application/json", id="JSON"),
        pytest.param("--x--", "multipart/mixed", id="no boundary"),
    ],
)
async def test_what_is_no_batch_is_refused_whole(raw: str, content_type: str, api: Api) -> None:
    status, answer = await post(api, raw, content_type)
    assert (status, "Invalid batch" in answer) == (400, True)


@given(st.lists(st.sampled_from(["--x", "--", "\r\n", "\n", ":", " ", "GET", "/", "é", "\0", "%"])))
def test_whatever_comes_as_a_batch_is_one_or_is_refused(pieces: list[str]) -> None:
    raw = "".join(["--x\n\n", *pieces, "\n--x--"]).encode()
    with suppress(ApiError):
        unpack(Call("POST", "/batch", {}, {"Content-Type": MULTIPART}, raw))
