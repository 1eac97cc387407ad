"""Instances out of JSON: what is read, what is overlooked, and what cannot be judged."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steersman.clients.gce.instances import OddShapeError, Page, instance, page, zone_of
from steersman.model.observed import Instance
from tests.clients.gce.replay import CORE1, CORE1_AGAIN, CORE1_JSON, NO_RESULTS, scopes

ZONE, OTHER = "europe-west1-b", "europe-west1-c"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
Path = tuple[str | int, ...]


def with_core1(**fields: Any) -> dict[str, Any]:
    return {**CORE1_JSON, **fields}


def listed(first: object, *, zone: str = ZONE) -> Page:
    """A list of that, and of an ordinary instance in another zone."""
    scope = {f"zones/{zone}": {"instances": [first]}}
    return page(scopes({**scope, f"zones/{OTHER}": {"instances": [CORE1_AGAIN]}}))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"id": 5312486541243543210}, {}, id="an id may be a number"),
        pytest.param({"status": "OF_TOMORROW"}, {"status": "OF_TOMORROW"}, id="any status passes"),
        pytest.param({"labels": None}, {"labels": {}}, id="no labels"),
        pytest.param({"labels": {"a": ""}}, {"labels": {"a": ""}}, id="a label without a value"),
        pytest.param({"tags": {"fingerprint": "x"}}, {"tags": ()}, id="no tags"),
        pytest.param({"networkInterfaces": [{}]}, {"ip": None}, id="no address yet"),
        pytest.param({"networkInterfaces": []}, {"ip": None}, id="no interface"),
        pytest.param(
            {"machineType": "http://127.0.0.1:9/v9/x/projects/q/zones/z/machineTypes/g1-small"},
            {},
            id="a link of any host",
        ),
        pytest.param({"machineType": "g1-small"}, {}, id="no link at all"),
        pytest.param({"scheduling": 7, "disks": "?", "zone": []}, {}, id="fields of no interest"),
    ],
)
def test_an_instance_is_read(fields: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    plain = {name: getattr(CORE1, name) for name in Instance.__slots__}
    assert instance(with_core1(**fields), ZONE) == Instance(**{**plain, **expected})


def test_fingerprints_are_kept_for_who_edits() -> None:
    read = instance(with_core1(labelFingerprint="bGFiZWxz"), ZONE)
    assert (read.labels_fingerprint, read.tags_fingerprint) == ("bGFiZWxz", "42WmSpB8rSM=")


ODD = [
    {"id": None},
    {"id": "core1"},
    {"id": "-1"},
    {"id": "0"},
    {"id": True},
    {"id": 1.5},
    {"name": None},
    {"name": ""},
    {"name": 5},
    {"status": None},
    {"status": 7},
    {"machineType": None},
    {"machineType": "https://host/machineTypes/"},
    {"labels": []},
    {"labels": {"steersman-uid": 5}},
    {"labels": {"steersman-uid": {"deep": []}}},
    {"labels": {"half\ud800": "a"}},
    {"labels": {"a": "half\ud800"}},
    {"tags": "core"},
    {"tags": {"items": "core"}},
    {"tags": {"items": [["core"]]}},
    {"tags": {"items": [], "fingerprint": 5}},
    {"labelFingerprint": []},
    {"metadata": 7},
    {"metadata": {"items": [{"key": 5, "value": "a"}]}},
    {"metadata": {"items": [{"key": "role", "value": 5}]}},
    {"networkInterfaces": {}},
    {"networkInterfaces": ["nic0"]},
    {"networkInterfaces": [{"networkIP": 0}]},
]


@pytest.mark.parametrize("fields", ODD, ids=str)
def test_what_cannot_be_judged_makes_its_zone_unknown_and_no_other(fields: Any) -> None:
    found = listed(with_core1(**fields))
    assert found.unknown.keys() == {ZONE}
    assert [each.name for each in found.instances] == ["core2"]


@pytest.mark.parametrize(
    ("items", "unknown"),
    [
        ({"zones/a": NO_RESULTS}, set()),
        ({"zones/a": {}}, set()),
        ({"zones/a": {"warning": {"code": "UNREACHABLE"}}}, {"a"}),
        ({"zones/a": {"warning": {"code": "PARTIAL_SUCCESS"}}}, {"a"}),
        ({"zones/a": {"instances": [CORE1_JSON], "warning": {"code": "UNREACHABLE"}}}, {"a"}),
        ({"zones/a": {"warning": {"code": "DEPRECATED_RESOURCE_USED"}}}, set()),
        ({"zones/a": {"warning": {"code": ["UNREACHABLE"]}}}, set()),
        ({"regions/r": NO_RESULTS, "global": {}}, set()),
    ],
    ids=str,
)
def test_a_zone_that_warns_of_a_gap_is_unknown(items: Mapping[str, Any], unknown: set[str]) -> None:
    assert page(scopes(items)).unknown.keys() == unknown


def test_a_gap_may_be_told_at_the_head_if_it_is_named() -> None:
    data = [{"key": "scope", "value": "zones/a"}, {"key": "note", "value": "zones/b"}]
    head = scopes({}, warning={"code": "UNREACHABLE", "data": data}, unreachables=["zones/c"])
    assert page(head).unknown.keys() == {"a", "c"}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"error": "?"}, id="no list"),
        pytest.param({"kind": "compute#instance", "items": {}}, id="another thing"),
        pytest.param(scopes({}, warning={"code": "UNREACHABLE"}), id="a gap somewhere"),
        pytest.param(scopes({}, unreachables=["regions/r"]), id="a gap of a whole region"),
        pytest.param(scopes({}, unreachables=[5]), id="a gap without a name"),
        pytest.param(scopes({}, nextPageToken=0), id="a token that is none"),
        pytest.param({"kind": None, "items": {}}, id="a thing without a kind"),
        pytest.param({"items": []}, id="items without scopes"),
        pytest.param({"items": {"zones/a": []}}, id="a scope that is none"),
        pytest.param({"items": {"zones/a": {"instances": {}}}}, id="instances that are none"),
        pytest.param({"items": {"zones/": {"instances": [{}]}}}, id="a zone without a name"),
        pytest.param({"items": {"global": {"instances": [{}]}}}, id="instances in no zone"),
        pytest.param({"items": {"zones/\ud800": {"instances": [{}]}}}, id="half a character"),
    ],
)
def test_a_page_that_does_not_divide_into_zones_is_none(body: Mapping[str, Any]) -> None:
    with pytest.raises(OddShapeError):
        page(body)


@pytest.mark.parametrize("body", [{"items": {}}, {"kind": scopes({})["kind"]}], ids=str)
def test_a_project_without_instances_leaves_out_what_is_empty(body: Mapping[str, Any]) -> None:
    assert page(body) == Page((), {}, "")


@pytest.mark.parametrize("scope", ["zones/a", "projects/p/zones/a", "https://h/v1/zones/a"])
def test_a_zone_is_known_by_the_end_of_its_link(scope: str) -> None:
    assert zone_of(scope) == "a"


def paths(value: object, above: Path = ()) -> Iterator[Path]:
    """Where a value holds others, at any depth."""
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for key, below in inner:
        yield (*above, key)
        yield from paths(below, (*above, key))


def put(body: Any, path: Path, value: object) -> Any:
    """A copy of `body` with another value there."""
    changed = here = copy.deepcopy(body)
    for key in path[:-1]:
        here = here[key]
    here[path[-1]] = value
    return changed


@given(st.sampled_from(list(paths(CORE1_JSON))), JSON)
def test_an_instance_of_any_shape_is_read_or_unknown_and_never_gone(
    path: Path, value: object
) -> None:
    found = listed(put(CORE1_JSON, path, value))
    assert OTHER in {each.zone for each in found.instances}
    assert OTHER not in found.unknown
    assert (ZONE in {each.zone for each in found.instances}) is not (ZONE in found.unknown)


@given(JSON)
def test_whatever_stands_for_an_instance_is_never_gone(value: object) -> None:
    assert listed(value).unknown.keys() == {ZONE}


WHOLE = scopes(
    {f"zones/{ZONE}": {"instances": [CORE1_JSON]}, f"zones/{OTHER}": NO_RESULTS},
    unreachables=["zones/x"],
    nextPageToken="more",
)


@given(st.sampled_from(list(paths(WHOLE))), JSON)
def test_a_page_of_any_shape_is_read_or_none(path: Path, value: object) -> None:
    try:
        found = page(put(WHOLE, path, value))
    except OddShapeError:
        return
    assert isinstance(found.next_token, str)
    assert all(isinstance(zone, str) for zone in found.unknown)
