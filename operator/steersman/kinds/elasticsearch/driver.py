"""Executes the steps of kind elasticsearch. The only module of the kind that does anything."""

import json
from typing import assert_never

from steersman.kinds.elasticsearch.plan import (
    Deregister,
    RecordBootstrap,
    Register,
    RepairDirectory,
)
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.kind import Attempt, Ports
from steersman.model.observed import KeyItem
from steersman.model.outcome import BootstrapIs, Done, KeyGone, KeysAt
from steersman.model.plan import Step
from steersman.model.ports import Item
from steersman.model.world import FORMING


class ElasticsearchDriver:
    def __init__(self, ports: Ports) -> None:
        self._home, self._keys = ports.home, ports.keys

    async def execute(self, step: Step, attempt: Attempt) -> Done:
        del attempt  # comparing revisions makes each of these writes safe to repeat
        action = step.action
        assert isinstance(action, Register | Deregister | RepairDirectory | RecordBootstrap)
        match action:
            case Register():
                return await self._register(action)
            case Deregister(item) | RepairDirectory(item):
                return await self._remove(item)
            case RecordBootstrap():
                return await self._record(step.target.name, action)
            case _:
                assert_never(action)

    async def _register(self, action: Register) -> Done:
        value, ttl = action.value.encode(), action.ttl_seconds
        if action.replaces is None:
            written = await self._keys.create(action.key, value, ttl_seconds=ttl)
        else:
            revision = (await self._as_seen(action.replaces)).revision
            written = await self._keys.compare_and_swap(
                action.key, value, revision, ttl_seconds=ttl
            )
        if written is None:
            raise _changed(action.key)
        return Done(KeysAt(written))

    async def _remove(self, item: KeyItem) -> Done:
        revision = (await self._as_seen(item)).revision
        if not await self._keys.compare_and_delete(item.key, revision):
            raise _changed(item.key)
        return Done(KeyGone(revision))

    async def _as_seen(self, seen: KeyItem) -> Item:
        """The key as it is, if it still holds what the decision was made on. etcd v2 gives a key a
        new revision at each refresh and tells nobody, so the one that was seen may be an old one.
        """
        item = await self._keys.get(seen.key)
        if item is None or item.value != seen.value.encode():
            raise _changed(seen.key)
        return item

    async def _record(self, key: str, action: RecordBootstrap) -> Done:
        value = json.dumps({"phase": action.phase, "seed": action.seed}).encode()
        item = await self._home.get(key)
        if item is None:
            written = await self._home.create(key, value)
        elif item.value == value:
            written = item.revision
        elif action.phase == FORMING:  # a cluster is formed once: its record never goes back
            raise _changed(key)
        else:
            written = await self._home.compare_and_swap(key, value, item.revision)
        if written is None:
            raise _changed(key)
        return Done(BootstrapIs(action.cluster, action.phase))


def _changed(key: str) -> OutsideError:
    message = f"{key} is not as it was seen: somebody else wrote or removed it"
    return OutsideError(ErrorClass.CONFLICT, "changed", message)
