"""What a step leaves in fleet that nothing but another hand changes afterwards.

The state that a step sets on the way to the one that is asked for is told, too: what we ourselves
take down for a restart, nobody else has stopped.
"""

from collections.abc import Mapping

from steersman.kinds.unit.actions import (
    DestroyUnit,
    LaunchUnit,
    LoadUnit,
    ReplaceUnit,
    SubmitUnit,
    UnloadUnit,
)
from steersman.kinds.unit.diff import CONTENT, STATE
from steersman.model.plan import Step


def declares(step: Step) -> Mapping[str, str]:
    match step.action:
        case ReplaceUnit(hash=content):
            return {CONTENT: content}
        case DestroyUnit():  # to be submitted with the content that is asked for, if it is
            return step.writes(CONTENT)
        case SubmitUnit() | UnloadUnit():
            return {STATE: "inactive"}
        case LoadUnit():
            return {STATE: "loaded"}
        case LaunchUnit():
            return {STATE: "launched"}
        case _:
            return {}
