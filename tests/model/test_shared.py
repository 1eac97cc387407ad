"""A shared mapping: changed copies that leave the one before as it was."""

from hypothesis import given
from hypothesis import strategies as st

from steersman.model.shared import BUCKETS, Shared

ENTRIES = st.dictionaries(st.integers(0, 3 * BUCKETS), st.integers(0, 3))
EDITS = st.lists(st.tuples(st.integers(0, 3 * BUCKETS), st.none() | st.integers(0, 3)))


def edited(before: Shared[int, int], edits: list[tuple[int, int | None]]) -> Shared[int, int]:
    for key, value in edits:
        before = before.without(key) if value is None else before.put(key, value)
    return before


@given(ENTRIES, EDITS)
def test_it_holds_what_a_dict_would(
    entries: dict[int, int], edits: list[tuple[int, int | None]]
) -> None:
    found, expected = edited(Shared(entries), edits), dict(entries)
    for key, value in edits:
        expected.pop(key, None)
        expected.update({} if value is None else {key: value})

    assert dict(found.items()) == expected
    assert (len(found), set(found), sorted(found.values())) == (
        len(expected),
        set(expected),
        sorted(expected.values()),
    )


@given(ENTRIES, EDITS)
def test_the_one_before_stays_as_it_was(
    entries: dict[int, int], edits: list[tuple[int, int | None]]
) -> None:
    before = Shared(entries)
    edited(before, edits)

    assert before == entries


@given(ENTRIES, EDITS)
def test_what_differs_is_what_is_not_equal(
    entries: dict[int, int], edits: list[tuple[int, int | None]]
) -> None:
    before = Shared(entries)
    after = edited(before, edits)
    expected = {key for key in {*before, *after} if before.get(key) != after.get(key)}

    assert after.differing(before) == before.differing(after) == expected
    assert (before == after) == (not expected)


def test_what_did_not_change_is_shared() -> None:
    """However large it is, a change makes one new bucket."""
    before = Shared({number: number for number in range(10 * BUCKETS)})
    after = before.put(0, -1)
    kept = [one is other for one, other in zip(before._buckets, after._buckets, strict=True)]

    assert kept.count(False) == 1


def test_what_is_shared_already_is_not_copied() -> None:
    shared = Shared({1: 2})

    assert Shared.of(shared) is shared
    assert shared.without(5) is shared
