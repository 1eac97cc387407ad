"""The daemon's HTTP server: which question is answered where, and with which code."""

from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import pytest
from aiohttp import ClientTimeout
from aiohttp.test_utils import TestClient, TestServer

from steersman.model.document import DocumentError, Problem
from steersman.model.errors import NotThereError, UnreachableError
from steersman.model.resource import Key
from steersman.telemetry.server import BODY_BYTES_MAX, EVENTS_MAX, api

TIMEOUT_SECONDS = 60.0
UP = {"name": "home", "ok": True, "ageSeconds": 1.0, "message": ""}
DOWN = {"name": "compute", "ok": False, "ageSeconds": None, "message": "not heard of yet"}


class Answers:
    """The port Queries over one lamp."""

    def __init__(self) -> None:
        self.checks = [UP]
        self.home_answers = True
        self.mistake: Exception | None = None

    def resources(self, kind: str | None = None, name: str | None = None) -> dict[str, Any]:
        if name is not None and (kind, name) != ("lamp", "a"):
            raise NotThereError(Key(kind or "", name))
        return {"kind": kind or "List", "name": name}

    def plan(self) -> dict[str, Any]:
        if self.mistake is not None:
            raise self.mistake
        return {"planId": "0badcafe", "steps": []}

    def plan_with(self, documents: list[Any]) -> dict[str, Any]:
        if "kind" not in documents[0]:
            raise DocumentError(Problem("a document in a file needs it", "kind"))
        return {"planId": "0badcafe", "steps": documents, "rejected": []}

    def why(self, kind: str, name: str) -> list[dict[str, Any]]:
        if (kind, name) != ("lamp", "a"):
            raise NotThereError(Key(kind or "", name))
        return [{"kind": kind, "name": name}]

    async def events(
        self, since: str | None = None, ref: str | None = None
    ) -> list[dict[str, Any]]:
        if not self.home_answers:
            raise UnreachableError("home does not answer")
        if since == "soon":
            raise DocumentError(Problem("'soon' is no duration"))
        if ref:
            return [{"for": ref, "since": since}]
        return [{"id": number} for number in range(EVENTS_MAX + 5)]

    def alive(self) -> list[dict[str, Any]]:
        return self.checks

    def ready(self) -> list[dict[str, Any]]:
        return self.checks

    def metrics(self) -> bytes:
        return b"steersman_build_info 1\n"


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
async def client(answers: Answers) -> AsyncIterator[TestClient[Any, Any]]:
    timeout = ClientTimeout(total=TIMEOUT_SECONDS)
    async with TestClient(TestServer(api(answers)), timeout=timeout) as client:
        yield client


FOUND = [
    pytest.param("/api/v1/resources", {"kind": "List", "name": None}, id="all resources"),
    pytest.param("/api/v1/resources/lamp", {"kind": "lamp", "name": None}, id="a kind"),
    pytest.param("/api/v1/resources/lamp/a", {"kind": "lamp", "name": "a"}, id="a resource"),
    pytest.param("/api/v1/plan", {"planId": "0badcafe", "steps": []}, id="the plan"),
    pytest.param("/api/v1/why/lamp/a", [{"kind": "lamp", "name": "a"}], id="why"),
]


@pytest.mark.parametrize(("path", "body"), FOUND)
async def test_a_question_is_answered(client: TestClient[Any, Any], path: str, body: Any) -> None:
    async with client.get(path) as response:
        assert (response.status, await response.json()) == (200, body)


MISSING = [
    pytest.param("/api/v1/resources/lamp/b", "lamp/b is not there", id="a resource"),
    pytest.param("/api/v1/why/lamp/b", "lamp/b is not there", id="why"),
]


@pytest.mark.parametrize(("path", "message"), MISSING)
async def test_what_is_not_there_is_told(
    client: TestClient[Any, Any], path: str, message: str
) -> None:
    async with client.get(path) as response:
        body = await response.json()

    assert (response.status, body) == (404, {"error": {"code": 404, "message": message}})


@pytest.mark.parametrize("mistake", [KeyError("secret"), ValueError("secret"), RecursionError()])
async def test_a_mistake_of_ours_is_none_of_who_asks_and_tells_no_secret(
    client: TestClient[Any, Any], answers: Answers, mistake: Exception
) -> None:
    answers.mistake = mistake
    async with client.get("/api/v1/plan") as response:
        told = (await response.json())["error"]

    assert response.status == 500
    assert type(mistake).__name__ in told["message"]
    assert "secret" not in told["message"]


LIMITS = [
    pytest.param("", EVENTS_MAX, id="as many as may be"),
    pytest.param("?limit=3", 3, id="the last few"),
]


@pytest.mark.parametrize(("query", "count"), LIMITS)
async def test_the_last_events_are_told(
    client: TestClient[Any, Any], query: str, count: int
) -> None:
    async with client.get(f"/api/v1/events{query}") as response:
        items = (await response.json())["items"]

    assert len(items) == count
    assert items[-1] == {"id": EVENTS_MAX + 4}


async def test_events_are_asked_for_by_whom_they_are_about_and_how_old(
    client: TestClient[Any, Any],
) -> None:
    params = {"for": "unit/es@1", "since": "10m"}
    async with client.get("/api/v1/events", params=params) as response:
        assert (await response.json())["items"] == [params]


UNMEANT = [
    *(pytest.param({"limit": each}, id=f"limit {each}") for each in ("0", "-1", "x")),
    pytest.param({"limit": str(EVENTS_MAX + 1)}, id="a limit above the limit"),
    pytest.param({"since": "soon"}, id="no duration"),
    pytest.param({"form": "unit/es"}, id="a misspelt question"),
]


@pytest.mark.parametrize("params", UNMEANT)
async def test_what_cannot_be_meant_is_refused(
    client: TestClient[Any, Any], params: dict[str, str]
) -> None:
    async with client.get("/api/v1/events", params=params) as response:
        assert response.status == 400


async def test_a_home_that_does_not_answer_is_told(
    client: TestClient[Any, Any], answers: Answers
) -> None:
    answers.home_answers = False
    async with client.get("/api/v1/events") as response:
        body = await response.json()

    assert response.status == 503
    assert "home does not answer" in body["error"]["message"]


async def test_a_plan_may_be_asked_for_documents_that_are_not_applied(
    client: TestClient[Any, Any],
) -> None:
    documents = [{"kind": "lamp", "metadata": {"name": "b"}}]
    async with client.post("/api/v1/plan", json={"documents": documents}) as response:
        body = await response.json()

    assert (response.status, body["steps"]) == (200, documents)


NO_DOCUMENTS = [
    pytest.param(b"spec: {}", "Expecting value", id="no JSON"),
    pytest.param(b"[]", '{"documents": [...]}', id="a list"),
    pytest.param(b'{"documents": {}}', '{"documents": [...]}', id="one that is no list"),
    pytest.param(b'{"documents": [{}]}', "kind: a document", id="a document without a name"),
    pytest.param(b'{"documents": ' + b"[" * 100_000, "nested too deep", id="bottomless"),
]


@pytest.mark.parametrize(("body", "message"), NO_DOCUMENTS)
async def test_what_is_no_list_of_documents_is_a_bad_request(
    client: TestClient[Any, Any], body: bytes, message: str
) -> None:
    async with client.post("/api/v1/plan", data=body) as response:
        told = await response.json()

    assert response.status == 400
    assert message in told["error"]["message"]


async def test_an_encoding_that_there_is_not_is_a_bad_request(client: TestClient[Any, Any]) -> None:
    headers = {"Content-Type": "application/json; charset=nonsense"}
    async with client.post("/api/v1/plan", data=b"{}", headers=headers) as response:
        told = await response.json()

    assert response.status == 400
    assert "nonsense" in told["error"]["message"]


CHECKS = [
    pytest.param([UP], 200, "ok", id="all is well"),
    pytest.param([UP, DOWN], 503, "failing", id="one check fails"),
    pytest.param([], 200, "ok", id="nothing is to be checked"),
]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize(("checks", "code", "status"), CHECKS)
async def test_checks(
    client: TestClient[Any, Any],
    answers: Answers,
    path: str,
    checks: list[dict[str, Any]],
    code: int,
    status: str,
) -> None:
    answers.checks = checks
    async with client.get(path) as response:
        body = await response.json()

    assert (response.status, body) == (code, {"status": status, "checks": checks})


async def test_metrics_come_in_prometheus_text_format(client: TestClient[Any, Any]) -> None:
    async with client.get("/metrics") as response:
        assert response.headers["Content-Type"].startswith("text/plain; version=")
        assert await response.read() == b"steersman_build_info 1\n"


NO_ROUTES = [
    pytest.param("GET", "/api/v2/plan", b"", 404, "Not Found", id="an unknown path"),
    pytest.param("PUT", "/api/v1/plan", b"", 405, "Method Not Allowed", id="another method"),
    pytest.param(
        "POST",
        "/api/v1/plan",
        b" " * (BODY_BYTES_MAX + 1),
        413,
        "Request Entity Too Large",
        id="a body that is too large",
    ),
]


@pytest.mark.parametrize(("method", "path", "sent", "code", "why"), NO_ROUTES)
async def test_what_no_question_answers_to_is_refused_as_the_rest_is(
    client: TestClient[Any, Any], method: str, path: str, sent: bytes, code: int, why: str
) -> None:
    async with client.request(method, path, data=BytesIO(sent)) as response:
        body = await response.json()

    message = f"{method} {path}: {why}"
    assert (response.status, body) == (code, {"error": {"code": code, "message": message}})


async def test_another_method_is_refused_with_those_that_there_are(
    client: TestClient[Any, Any],
) -> None:
    async with client.delete("/api/v1/plan") as response:
        assert response.headers["Allow"] == "GET,HEAD,POST"
