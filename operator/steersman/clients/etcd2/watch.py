"""A watch on etcd v2, made of long polls, that loses nothing."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

from steersman.clients.etcd2.http import EVENT_INDEX_CLEARED, KeysApi, RefusedError, Reply
from steersman.clients.etcd2.nodes import changes, index_at, text_at
from steersman.clients.etcd2.read import list_directory
from steersman.clients.measure import Restarted, unnoticed
from steersman.model.errors import UnreachableError, WatchLostError
from steersman.model.ports import Batch, Change

_RETRY_MIN_SECONDS = 0.1
_RETRY_MAX_SECONDS = 2.0
_NOT_LISTED = -1


class Watcher:
    """`seen` is the index up to which everything was handed on."""

    def __init__(
        self,
        api: KeysApi,
        directory: str,
        after: int,
        poll_seconds: float,
        restarted: Restarted = unnoticed,
    ) -> None:
        self._api = api
        self._directory = directory
        self._seen = after
        self._poll_seconds = poll_seconds
        self._restarted = restarted
        self._known: set[str] = set()
        self._listed_at = _NOT_LISTED

    async def batches(self) -> AsyncGenerator[Batch, None]:
        delay, resumed = _RETRY_MIN_SECONDS, False
        while not self._api.closed:
            endpoint = self._api.endpoint
            try:
                batch = await self._next()
            except UnreachableError as error:
                resumed = True
                self._restarted(error.code)
                self._api.leave(endpoint)
                await asyncio.sleep(delay)
                delay = min(2 * delay, _RETRY_MAX_SECONDS)
            else:
                yield replace(batch, resumed=resumed)
                delay, resumed = _RETRY_MIN_SECONDS, False

    async def _next(self) -> Batch:
        if self._listed_at == _NOT_LISTED:
            return await self._begin()
        reply = await self._poll()
        if reply.index < self._seen:
            await self._check_history()
        return self._take(reply) if reply.body else await self._slide(reply.index)

    async def _begin(self) -> Batch:
        """Learn which keys there are, so that the end of a directory can be told key by key."""
        listing = await list_directory(self._api, self._directory)
        if listing.revision < self._seen:
            message = f"the store went back from {self._seen} to {listing.revision}"
            raise WatchLostError(message)
        self._known = {item.key for item in listing.items}
        self._listed_at = listing.revision
        return Batch(self._seen)

    async def _poll(self) -> Reply:
        try:
            return await self._api.poll(self._directory, self._seen + 1, self._poll_seconds)
        except RefusedError as error:
            if error.code != EVENT_INDEX_CLEARED:
                raise
            message = f"{error.message}, seen {self._seen}"
            raise WatchLostError(message) from error

    async def _check_history(self) -> None:
        """A member that lags behind looks like a store that went back, until a majority speaks."""
        index = await self._api.quorum_index(self._directory)
        if index < self._seen:
            message = f"the store went back from {self._seen} to {index}"
            raise WatchLostError(message)

    async def _slide(self, index: int) -> Batch:
        """Nothing happened here up to `index`, so go on from there: etcd keeps 1000 events of the
        whole store. A member without a leader is just as quiet, so a majority is asked too."""
        await self._api.quorum_index(self._directory)
        self._seen = max(self._seen, index)
        return Batch(self._seen)

    def _take(self, reply: Reply) -> Batch:
        action, node = text_at(reply.body, "action"), reply.body["node"]
        index = index_at(node, "modifiedIndex")
        if node.get("dir") and index <= self._listed_at:
            # What was in it then is not what we listed afterwards.
            message = f"{text_at(node, 'key')} changed before its keys were known"
            raise WatchLostError(message)
        found = changes(action, node, self._directory, self._known)
        self._remember(found)
        self._seen = index
        return Batch(index, found)

    def _remember(self, found: tuple[Change, ...]) -> None:
        for change in found:
            if change.item is None:
                self._known.discard(change.key)
            else:
                self._known.add(change.key)
