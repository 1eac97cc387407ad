"""Requests and references: what they mean, and when they hold."""

from datetime import UTC, datetime, timedelta

import pytest

from steersman.kinds import KINDS
from steersman.model.document import DocumentError
from steersman.model.plan import Target
from steersman.model.reference import scope_of
from steersman.model.requests import Request, Scope, Verb, asking, latest
from steersman.model.resource import Key

NOW = datetime(2014, 9, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ES = Key("unit", "es")
FIRST = Target("fleet", "es@1.service")
ELEVENTH = Target("fleet", "es@11.service")
CORE = Key("nodepool", "core")

REFERENCES = [
    pytest.param("all", Scope(), id="everything"),
    pytest.param("unit", Scope("unit"), id="a kind"),
    pytest.param("NP", Scope("nodepool"), id="a kind, short, in any case"),
    pytest.param("unit/es", Scope("unit", "es"), id="a resource"),
    pytest.param("unit/es@1", Scope("unit", "es", "@1"), id="an instance of a unit"),
    pytest.param("nodepool/core/core2", Scope("nodepool", "core", "core2"), id="a node of a pool"),
]


@pytest.mark.parametrize(("text", "scope"), REFERENCES)
def test_a_reference_means(text: str, scope: Scope) -> None:
    assert scope_of(text, KINDS) == scope
    assert scope_of(str(scope), KINDS) == scope


@pytest.mark.parametrize("text", ["", "/es", "unit/", "unit/es@", "unit/es/", "pod/es", "unit/e s"])
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(DocumentError):
        scope_of(text, KINDS)


def test_an_unknown_kind_is_told_with_the_nearest_known_one() -> None:
    with pytest.raises(DocumentError, match="did you mean nodepool"):
        scope_of("nodepools/core", KINDS)


COVERED = [
    pytest.param(Scope(), ES, FIRST, True, id="everything covers all"),
    pytest.param(Scope("unit"), ES, FIRST, True, id="a kind covers its resources"),
    pytest.param(Scope("nodepool"), ES, FIRST, False, id="and no others"),
    pytest.param(Scope("unit", "es"), ES, FIRST, True, id="a resource covers its members"),
    pytest.param(Scope("unit", "web"), ES, FIRST, False, id="and no other's"),
    pytest.param(Scope("unit", "es", "@1"), ES, FIRST, True, id="a member covers itself"),
    pytest.param(Scope("unit", "es", "@1"), ES, ELEVENTH, False, id="and not who ends like it"),
    pytest.param(
        Scope("unit", "es", "@1"),
        ES,
        Target("fleet", "es@a@1.service"),
        False,
        id="nor who has another @ before",
    ),
    pytest.param(
        Scope("unit", "es", "@1"), ES, Target("fleet", "es@1.timer"), True, id="of any type"
    ),
    pytest.param(
        scope_of("unit/es@Blue", KINDS),
        ES,
        Target("fleet", "es@Blue.service"),
        True,
        id="in any case",
    ),
    pytest.param(
        Scope("nodepool", "core", "core2"),
        CORE,
        Target("compute", "core2"),
        True,
        id="a node, by its name",
    ),
    pytest.param(
        Scope("nodepool", "core", "core2"),
        CORE,
        Target("compute", "europe-west1-b/core22"),
        False,
        id="by its whole name",
    ),
]


@pytest.mark.parametrize(("scope", "key", "target", "covered"), COVERED)
def test_a_scope_covers(scope: Scope, key: Key, target: Target, covered: bool) -> None:
    assert scope.covers(key, target) is covered


FORCE = [
    pytest.param(Request("r", Verb.PAUSE), True, id="a pause holds before it is dated"),
    pytest.param(Request("r", Verb.APPROVE), False, id="an approval does not"),
    pytest.param(Request("r", Verb.APPROVE, at=NOW - HOUR), True, id="a dated approval does"),
    pytest.param(Request("r", Verb.PAUSE, until=NOW + HOUR), True, id="until its end"),
    pytest.param(Request("r", Verb.PAUSE, until=NOW), False, id="and not from then on"),
]


@pytest.mark.parametrize(("request_", "holds"), FORCE)
def test_a_request_is_in_force(request_: Request, holds: bool) -> None:
    assert request_.in_force(NOW) is holds
    assert list(asking({"r": request_}, request_.verb, NOW)) == ([request_] if holds else [])


def test_the_latest_request_for_a_member_counts() -> None:
    requests = {
        "1": Request("1", Verb.RETRY, Scope("unit", "es"), at=NOW - HOUR),
        "2": Request("2", Verb.RETRY, Scope("unit", "es", "@1"), at=NOW),
        "3": Request("3", Verb.RESTART, Scope("unit"), at=NOW + HOUR),
    }

    assert latest(requests, Verb.RETRY, ES, FIRST, NOW) == NOW
    assert latest(requests, Verb.RETRY, ES, ELEVENTH, NOW) == NOW - HOUR
    assert latest(requests, Verb.RETRY, CORE, FIRST, NOW) is None
