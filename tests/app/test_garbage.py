"""Garbage in cycles goes; what stays is not looked through at every round."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from steersman.app.garbage import search


class Node:
    """Refers to itself: only a search finds it once nobody else refers to it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_garbage_is_taken_away() -> None:
    left = weakref.ref(Node())
    search(everything=False)

    assert left() is None


def test_what_outlived_a_round_is_looked_at_once_in_a_while_only() -> None:
    node = Node()
    left = weakref.ref(node)
    search(everything=False)
    del node
    search(everything=False)
    assert left() is not None

    search(everything=True)
    assert left() is None
