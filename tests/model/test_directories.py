"""Directories: what lies below one, whatever lies beside it."""

from hypothesis import given
from hypothesis import strategies as st

from steersman.model.directories import below
from steersman.model.observed import KeyItem

PATHS = st.lists(st.sampled_from(["a", "ab", "b"]), min_size=1, max_size=4).map(
    lambda parts: "/" + "/".join(parts)
)


@given(st.sets(PATHS), PATHS)
def test_it_is_what_a_look_at_every_key_finds(keys: set[str], path: str) -> None:
    items = {key: KeyItem(key, "x", 1) for key in keys}
    expected = {
        key.removeprefix(path).removeprefix("/"): item
        for key, item in items.items()
        if key == path or key.startswith(path + "/")
    }

    assert below(items, path) == expected
