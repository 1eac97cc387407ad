"""Executes a configkey's steps against the store of the keys."""

from typing import assert_never

from steersman.kinds.configkey.plan import PutKey
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.kind import Attempt, Ports
from steersman.model.outcome import Done, KeysAt
from steersman.model.plan import Step


class ConfigKeyDriver:
    def __init__(self, ports: Ports) -> None:
        self._keys = ports.keys

    async def execute(self, step: Step, attempt: Attempt) -> Done:
        del attempt  # the revision makes the write harmless when it comes twice or late
        action = step.action
        assert isinstance(action, PutKey)
        match action:
            case PutKey():
                return await self._put(action)
            case _:
                assert_never(action)

    async def _put(self, action: PutKey) -> Done:
        value = action.value.encode()
        if action.replaces is None:
            revision = await self._keys.create(action.key, value)
        else:
            revision = await self._keys.compare_and_swap(action.key, value, action.replaces)
        if revision is None:
            message = f"{action.key} is no longer as it was seen"
            raise OutsideError(ErrorClass.CONFLICT, "revision", message)
        return Done(KeysAt(revision))
