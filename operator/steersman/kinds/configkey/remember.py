"""What outlives a pass: the hash of what was written last at each key, to know it again."""

from collections.abc import Mapping

from steersman.kinds.configkey.observe import sha256, written
from steersman.kinds.configkey.plan import PutKey
from steersman.model.memory import Memory, Own
from steersman.model.outcome import Outcome
from steersman.model.plan import Step
from steersman.model.resource import EMPTY

KEYS_KEPT_MAX = 100  # where a document stood before; those that others took over stay known


class OwnOfKey(Own):
    hashes: Mapping[str, str] = {}


def attributes(step: Step) -> Mapping[str, str]:
    return {"sha256": sha256(step.action.value)} if isinstance(step.action, PutKey) else EMPTY


def remember(memory: Memory, outcome: Outcome) -> Memory:
    if outcome.error is not None:
        return memory
    key = outcome.target.name
    others = {at: known for at, known in written(memory).items() if at != key}
    kept = dict(list(others.items())[-(KEYS_KEPT_MAX - 1) :])
    match outcome.action:
        case "PutKey":
            return memory.with_own(hashes={**kept, key: outcome.attributes["sha256"]})
        case "DeleteKey":
            return memory.with_own(hashes=kept)
        case _:
            return memory
