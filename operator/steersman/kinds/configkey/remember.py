"""What outlives a pass: the hash of the value that was written last, to know it again."""

from collections.abc import Mapping

from steersman.kinds.configkey.observe import sha256
from steersman.kinds.configkey.plan import PutKey
from steersman.model.memory import Memory
from steersman.model.outcome import Outcome
from steersman.model.plan import Step
from steersman.model.resource import EMPTY


def attributes(step: Step) -> Mapping[str, str]:
    return {"sha256": sha256(step.action.value)} if isinstance(step.action, PutKey) else EMPTY


def remember(memory: Memory, outcome: Outcome) -> Memory:
    if outcome.error is not None or "sha256" not in outcome.attributes:
        return memory
    return memory.with_own(written=outcome.attributes["sha256"])
