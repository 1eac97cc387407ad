"""Drift: where the outside is not as its document asks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one outside object; `path` is the document's. Secrets are hashed before."""

    target: str
    path: str
    desired: str
    observed: str


@dataclass(frozen=True, slots=True)
class Drift:
    """`known` is False when too little was observed to tell; then there is no drift to act on."""

    differences: tuple[Difference, ...] = ()
    known: bool = True

    def of(self, target: str) -> tuple[Difference, ...]:
        return tuple(each for each in self.differences if each.target == target)

    def __bool__(self) -> bool:
        return bool(self.differences)
