"""Whatever is asked, the answer is a reply or a refusal, and what came of it can be kept."""

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.compute import state
from localcloud.compute.api import filters, partial
from localcloud.compute.api.asked import Asked, Route
from localcloud.compute.api.routes import ROUTES
from localcloud.compute.errors import ApiError
from tests.localcloud.compute.world import FIREWALL, RICH, ZONE, World, body

EXAMPLES = 600
WHERE = {"zone": ZONE, "region": "europe-west1", "name": "core1"}
WITH_BODY = [route for route in ROUTES if route.method in ("PATCH", "POST", "PUT")]
LISTS = [route for route in ROUTES if route.method == "GET" and "{name}" not in route.path]
VALID: list[dict[str, Any]] = [
    body("core2", **RICH),
    {**FIREWALL, "network": "global/networks/default", "sourceRanges": ["10.0.0.0/8"]},
    {"name": "x", "sizeGb": "10", "type": "pd-ssd", "labels": {"a": "b"}},
    {"fingerprint": "42WmSpB8rSM=", "items": [{"key": "a", "value": "b"}]},
    {"labelFingerprint": "42WmSpB8rSM=", "labels": {"a": "b"}},
    {"source": f"zones/{ZONE}/disks/core1", "deviceName": "x", "natIP": "198.18.0.1"},
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3)
    ),
    max_leaves=8,
)


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each value in a body."""
    yield place
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*place, name))
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*place, index))


def changed(whole: Any, place: tuple[Any, ...], value: Any) -> Any:
    if not place:
        return value
    whole = copy.deepcopy(whole)
    inner = whole
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return whole


@st.composite
def bodies(draw: st.DrawFn) -> Any:
    """One that is right but for one value."""
    right = draw(st.sampled_from(VALID))
    return changed(right, draw(st.sampled_from(list(places(right)))), draw(JSON))


def answered(route: Route, asked: Asked) -> None:
    world = World()
    world.insert()
    try:
        route.answer(world.compute, asked)
    except ApiError:
        return
    world.advance()
    dumped = world.compute.dump()
    assert state.load(json.loads(json.dumps(dumped))) == world.compute.state


@settings(max_examples=EXAMPLES)
@given(route=st.sampled_from(WITH_BODY), sent=bodies())
def test_a_write_takes_or_refuses_any_body(route: Route, sent: Any) -> None:
    answered(route, Asked("p", WHERE, {}, sent))


@settings(max_examples=EXAMPLES)
@given(
    route=st.sampled_from(LISTS),
    query=st.dictionaries(
        st.sampled_from(("filter", "maxResults", "orderBy", "pageToken", "start")),
        st.text(max_size=30),
    ),
)
def test_a_list_takes_or_refuses_any_parameters(route: Route, query: dict[str, str]) -> None:
    answered(route, Asked("p", WHERE, query))


@settings(max_examples=EXAMPLES)
@given(text=st.text(alphabet="namestu.labels=!<>:()\"'-* ORANDNOTeq0123", max_size=60))
def test_a_filter_is_understood_or_refused(text: str) -> None:
    with suppress(ApiError):
        filters.parse(text)({"name": "core1", "labels": {"a": "b"}, "tags": {"items": ["x"]}})


@settings(max_examples=EXAMPLES)
@given(text=st.text(alphabet="ab*(),/. ", min_size=1, max_size=40))
def test_a_mask_is_understood_or_refused(text: str) -> None:
    with suppress(ApiError):
        partial.keep({"a": [{"b": 1}]}, partial.parse(text))
