"""Asking for each resource apart: one at which we make a mistake hides no other."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from steersman.model.resource import Key

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Told(Generic[T]):
    """What was told of each key, and where telling it failed."""

    said: Mapping[Key, T]
    failed: Mapping[Key, Exception]


def apart(keys: Iterable[Key], ask: Callable[[Key], T]) -> Told[T]:
    said: dict[Key, T] = {}
    failed: dict[Key, Exception] = {}
    for key in keys:
        try:
            said[key] = ask(key)
        except Exception as error:  # whoever asks tells it
            failed[key] = error
    return Told(said, failed)
