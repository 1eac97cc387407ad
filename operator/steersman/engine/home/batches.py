"""Batches: what is written while a write is under way goes together in the next one."""

import asyncio
from dataclasses import dataclass, field

from steersman.model.errors import SteersmanError
from steersman.model.ports import Fence, Store


@dataclass
class _Batch:
    fence: Fence
    values: dict[str, bytes] = field(default_factory=dict)
    written: bool = False
    error: SteersmanError | None = None


class Batches:
    """Ten thousand records take a hundred transactions. Whoever comes first of a batch sends it,
    for all; a batch has at most one value of everybody who waits."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._one_at_a_time = asyncio.Lock()
        self._open: _Batch | None = None

    async def put(self, key: str, value: bytes, fence: Fence) -> None:
        """As the store's own. Of two values for a key in one batch the later one is written."""
        batch = self._joined(fence)
        batch.values[key] = value
        async with self._one_at_a_time:
            await self._send(batch)
        if batch.error is not None:
            raise batch.error

    def _joined(self, fence: Fence) -> _Batch:
        if self._open is None or self._open.fence != fence:
            self._open = _Batch(fence)
        return self._open

    async def _send(self, batch: _Batch) -> None:
        """Unless it was. Who is cancelled meanwhile leaves it to the next one that waits."""
        if batch.written or batch.error is not None:
            return
        if self._open is batch:
            self._open = None
        try:
            await self._store.put_all(batch.values, fence=batch.fence)
            batch.written = True
        except SteersmanError as error:
            batch.error = error
