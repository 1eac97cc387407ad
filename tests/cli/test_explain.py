"""Explaining fields, without any store: what a document may say, from the models that read it."""

from collections.abc import Iterator
from typing import Any

import pytest

from steersman.kinds import KINDS
from tests.cli.support import steersman


def test_a_kind_is_explained_with_the_fields_of_its_documents() -> None:
    heading, about, _, titles, *rows = steersman("explain", "np").lines
    assert heading == "nodepool: object"
    assert "kind nodepool" in about
    assert titles.split() == ["FIELD", "TYPE", "DEFAULT", "WHAT"]
    assert [row.split()[0] for row in rows] == ["apiVersion", "kind", "metadata", "spec"]


def test_a_field_is_explained_with_its_type_default_and_bounds() -> None:
    lines = steersman("explain", "nodepool.spec.rollout.maxUnavailable").lines
    assert lines[0] == (
        "nodepool.spec.rollout.maxUnavailable: integer, 1 by default, at least 1, at most 1000"
    )
    assert "may be away" in lines[1]


def test_what_stands_in_the_spec_may_be_named_without_it() -> None:
    assert steersman("explain", "unit.restart").out == steersman("explain", "unit.spec.restart").out


def test_a_list_is_explained_by_what_it_holds() -> None:
    ended = steersman("explain", "np.disks")
    assert ended.lines[0] == "nodepool.spec.disks: list of object"
    assert "sizeGb" in ended.out


def test_words_to_choose_from_are_listed() -> None:
    assert "launched|loaded|inactive" in steersman("explain", "unit.desiredState").lines[0]


def test_a_field_that_must_be_there_says_so() -> None:
    assert steersman("explain", "cfg.value").lines[0].endswith("(required)")


def test_a_field_that_there_is_not_is_told_with_the_nearest() -> None:
    ended = steersman("explain", "np.zone")
    assert ended.code == 4
    assert ended.err == ("steersman: nodepool.spec has no field 'zone' (did you mean zones?)\n")


def test_an_unknown_kind_is_told_with_the_nearest() -> None:
    ended = steersman("explain", "nodepol.zones")
    assert ended.code == 64
    assert "did you mean nodepool?" in ended.err


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_every_kind_says_what_it_is_for(kind: str) -> None:
    whole = steersman("explain", kind, "-o", "json").json
    assert [each["path"] for each in _below(whole) if not each["description"]] == []


def _below(view: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield view
    for each in view["fields"]:
        yield from _below(each)
