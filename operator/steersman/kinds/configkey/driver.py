"""Executes a configkey's steps against the store of the keys."""

from typing import assert_never

from steersman.kinds.configkey.plan import PutKey
from steersman.kinds.configkey.teardown import DeleteKey
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.kind import Attempt, Ports
from steersman.model.outcome import Done, KeyGone, KeysAt
from steersman.model.plan import Step


class ConfigKeyDriver:
    def __init__(self, ports: Ports) -> None:
        self._keys = ports.keys

    async def execute(self, step: Step, attempt: Attempt) -> Done:
        del attempt  # the revision makes the write harmless when it comes twice or late
        action = step.action
        assert isinstance(action, PutKey | DeleteKey)
        match action:
            case PutKey():
                return await self._put(action)
            case DeleteKey():
                return await self._delete(action)
            case _:
                assert_never(action)

    async def _put(self, action: PutKey) -> Done:
        value = action.value.encode()
        if action.replaces is None:
            revision = await self._keys.create(action.key, value)
        else:
            revision = await self._keys.compare_and_swap(action.key, value, action.replaces)
        if revision is None:
            raise _changed(action.key)
        return Done(KeysAt(revision))

    async def _delete(self, action: DeleteKey) -> Done:
        if not await self._keys.compare_and_delete(action.key, action.revision):
            raise _changed(action.key)
        return Done(KeyGone(action.revision))


def _changed(key: str) -> OutsideError:
    return OutsideError(ErrorClass.CONFLICT, "revision", f"{key} is no longer as it was seen")
