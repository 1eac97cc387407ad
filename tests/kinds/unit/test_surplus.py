"""Instances that a document no longer names: what of them is ours goes, in order, no other."""

from collections.abc import Mapping

import pytest

from steersman.kinds.unit import KIND
from steersman.model.plan import Effect
from steersman.model.resource import Key
from tests.kinds.builders import ago, teardown_in
from tests.kinds.unit.support import KEY, Chain, Member, chain, resource, said, waits

OTHER = Key("unit", "es-more")
BOOKS: Mapping[str, str] = {f"es@{n}.service": ago(3600).isoformat() for n in range(1, 12)}


def shrunk(
    *members: Member,
    to: int = 2,
    owned: Mapping[str, str] = BOOKS,
    facts: Mapping[Key, Mapping[str, str]] | None = None,
) -> Chain:
    """The document asks for so many; `owned` are those that it made."""
    return chain(*members, of=resource(instances=to), own={"owned": owned}, facts=facts or {})


CASES = [
    pytest.param([Member(3)], ["UnloadUnit @3 MoreThanAsked destroy"], [], id="it is stopped"),
    pytest.param(
        [Member(3, "deactivating/stop", "inactive")],
        [],
        ["@3 teardown Stopping"],
        id="waited for until it is down",
    ),
    pytest.param(
        [Member(3, None, "inactive")], ["DestroyUnit @3 MoreThanAsked destroy"], [], id="destroyed"
    ),
    pytest.param(
        [Member(9), Member(10), Member(3, "failed/failed")],
        [f"UnloadUnit @{n} MoreThanAsked destroy" for n in (3, 10, 9)],
        [],
        id="what does not run goes first, then the last",
    ),
    pytest.param([Member("blue")], [], [], id="one that nobody of ours has made stays"),
    pytest.param([], [], [], id="what is not there any more needs nothing"),
]


@pytest.mark.parametrize(("members", "steps", "held"), CASES)
def test_what_is_no_longer_named(members: list[Member], steps: list[str], held: list[str]) -> None:
    plan = shrunk(Member(1), Member(2), *members).plan
    assert (said(plan), waits(plan)) == (steps, held)


def test_a_count_of_none_takes_all_of_them_away_and_asks() -> None:
    plan = shrunk(Member(1), Member(2), to=0).plan
    assert said(plan) == [f"UnloadUnit @{n} MoreThanAsked destroy" for n in (2, 1)]
    assert all(step.shrinks for step in plan.steps)


def test_what_we_did_not_make_is_told() -> None:
    found = shrunk(Member(1), Member(2), Member(3), owned={})
    assert found.observed.unlisted == ("es@3.service",)
    assert not found.drift


def test_one_that_another_document_names_is_left_to_it() -> None:
    facts = {OTHER: {"instances": "es@3.service,es@4.service"}}
    assert not shrunk(Member(1), Member(2), Member(3), facts=facts).drift


def test_a_rename_takes_the_old_ones_away() -> None:
    of = resource(name="search@.service", instances=1)
    plan = chain(Member(1), of=of, own={"owned": BOOKS}).plan
    assert said(plan) == [
        "SubmitUnit @1 UnitMissing create",
        "UnloadUnit @1 MoreThanAsked destroy",
    ]
    assert [step.target.name for step in plan.steps] == ["search@1.service", "es@1.service"]


@pytest.mark.parametrize(
    ("third", "disrupts"),
    [
        pytest.param(Member(3), (KEY,), id="one that runs"),
        pytest.param(Member(3, None), (KEY,), id="one of which nobody hears, as it may run"),
        pytest.param(Member(3, "failed/failed"), (), id="not one that is down"),
        pytest.param(Member(3, None, "inactive"), (), id="not one that is stopped"),
    ],
)
def test_who_counts_against_the_budget(third: Member, disrupts: tuple[Key, ...]) -> None:
    (step,) = shrunk(Member(1), Member(2), third).plan.steps
    assert (step.effect, step.disrupts) == (Effect.DESTROY, disrupts)


@pytest.mark.parametrize(
    ("to", "there", "asks"),
    [
        pytest.param(2, 3, False, id="one may always go"),
        pytest.param(1, 3, True, id="two of three are much"),
        pytest.param(20, 22, False, id="two of 22 are not"),
        pytest.param(20, 23, True, id="three of 23 are"),
    ],
)
def test_taking_away_much_at_once_asks(to: int, there: int, asks: bool) -> None:
    members = [Member(n) for n in range(1, there + 1)]
    owned = {each.unit_name: ago(60).isoformat() for each in members}
    steps = shrunk(*members, to=to, owned=owned).plan.steps
    assert [step.shrinks for step in steps] == [asks] * (there - to)


def test_what_was_stopped_is_destroyed_without_asking_again() -> None:
    stopped = [Member(n, None, "inactive") for n in (3, 4, 5)]
    steps = shrunk(Member(1), Member(2), *stopped).plan.steps
    assert [(step.action.name, step.shrinks) for step in steps] == [("DestroyUnit", False)] * 3


def test_it_is_told() -> None:
    found = shrunk(Member(1), Member(2), Member(3))
    ready = found.status.condition("Ready")
    assert ready is not None
    assert (ready.holds, ready.message) == (True, "2/2 active; more than asked for: es@3.service")
    assert found.status.summary["surplus"] == ["es@3.service"]


def test_it_goes_with_the_whole() -> None:
    found = shrunk(Member(1), Member(3))
    _, plan = teardown_in(KIND, found.resource, found.world)
    assert [step.target.name for step in plan.steps] == ["es@1.service", "es@3.service"]
