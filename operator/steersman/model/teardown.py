"""Teardown, asked for by `metadata.deleting: true`: what all kinds say of it in the same words."""

from collections.abc import Mapping
from typing import Any

from steersman.model.drift import Difference, Drift
from steersman.model.plan import Action, Effect, Step, Target
from steersman.model.resource import Resource

DELETING = "Deleting"  # the reason of every step of a teardown, and of Ready meanwhile
DELETED = "Deleted"  # the condition that tells of its end
GATE = "teardown"  # what holds a teardown that waits for something outside
_PATH = "metadata.deleting"


def left_over(left: Mapping[Target, str], *, complete: bool) -> Drift:
    """What is left to take down, and how it is. Nothing seen where not everything could be seen
    is not nothing left."""
    differences = tuple(
        Difference(str(target), _PATH, "absent", state) for target, state in left.items()
    )
    return Drift(differences, known=complete or bool(left))


def step(
    resource: Resource[Any], target: Target, action: Action, message: str, drift: Drift
) -> Step:
    """It takes a member from no group: who asks for the whole to go has no budget for it."""
    return Step(
        resource.key,
        target,
        action,
        DELETING,
        Effect.DESTROY,
        message,
        differences=drift.of(str(target)),
    )
