"""The Store port on etcd's v2 API, where fleet and shell scripts live."""

from collections.abc import AsyncGenerator, Mapping, Sequence

from steersman.clients.etcd2.http import (
    COMPARE_FAILED,
    KEY_NOT_FOUND,
    NODE_EXISTS,
    KeysApi,
    RefusedError,
)
from steersman.clients.etcd2.nodes import index_at
from steersman.clients.etcd2.read import get_key, list_directory
from steersman.clients.etcd2.watch import Watcher
from steersman.clients.etcd_access import ANONYMOUS, REQUEST_TIMEOUT_SECONDS, Access
from steersman.clients.measure import Restarted, unnoticed
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.ports import Batch, Fence, Item, Listing

POLL_SECONDS = 5.0  # how long one poll waits: an upper bound of a watch's silence
_CONDITION_FAILED = frozenset({KEY_NOT_FOUND, COMPARE_FAILED, NODE_EXISTS})


class Etcd2Store:
    """v2 changes one key at a time, so it can hold no fence: a write that has one is refused.
    Values are text there. Keys with a name that begins with an underscore are hidden."""

    def __init__(
        self,
        endpoints: Sequence[str],
        access: Access = ANONYMOUS,
        *,
        request_timeout_seconds: float = REQUEST_TIMEOUT_SECONDS,
        poll_seconds: float = POLL_SECONDS,
        restarted: Restarted = unnoticed,
    ) -> None:
        self._api = KeysApi(endpoints, access, request_timeout_seconds)
        self._poll_seconds = poll_seconds
        self._restarted = restarted

    async def list(self, prefix: str) -> Listing:
        return await list_directory(self._api, prefix.rstrip("/"))

    def watch(self, prefix: str, after: int) -> AsyncGenerator[Batch, None]:
        directory, seconds = prefix.rstrip("/"), self._poll_seconds
        return Watcher(self._api, directory, after, seconds, self._restarted).batches()

    async def get(self, key: str) -> Item | None:
        return await get_key(self._api, key)

    async def put(
        self, key: str, value: bytes, *, ttl_seconds: int | None = None, fence: Fence | None = None
    ) -> int:
        _refuse_fence(fence)
        return await self._put(key, {}, _form(value, ttl_seconds))

    async def put_all(self, values: Mapping[str, bytes], *, fence: Fence | None = None) -> None:
        for key, value in values.items():
            await self.put(key, value, fence=fence)

    async def create(
        self, key: str, value: bytes, *, ttl_seconds: int | None = None, fence: Fence | None = None
    ) -> int | None:
        _refuse_fence(fence)
        return await self._put_if(key, {"prevExist": "false"}, _form(value, ttl_seconds))

    async def compare_and_swap(
        self,
        key: str,
        value: bytes,
        revision: int,
        *,
        ttl_seconds: int | None = None,
        fence: Fence | None = None,
    ) -> int | None:
        _refuse_fence(fence)
        return await self._put_if(key, {"prevIndex": str(revision)}, _form(value, ttl_seconds))

    async def compare_and_delete(
        self, key: str, revision: int, *, fence: Fence | None = None
    ) -> bool:
        _refuse_fence(fence)
        try:
            await self._api.write("DELETE", key, {"prevIndex": str(revision)}, {})
        except RefusedError as error:
            if error.code not in _CONDITION_FAILED:
                raise
            return False
        return True

    async def refresh(self, key: str, ttl_seconds: int, revision: int) -> int | None:
        form = {"ttl": str(ttl_seconds), "refresh": "true"}
        return await self._put_if(key, {"prevIndex": str(revision)}, form)

    async def close(self) -> None:
        await self._api.close()

    async def _put_if(
        self, key: str, condition: Mapping[str, str], form: Mapping[str, str]
    ) -> int | None:
        try:
            return await self._put(key, condition, form)
        except RefusedError as error:
            if error.code not in _CONDITION_FAILED:
                raise
            return None

    async def _put(self, key: str, condition: Mapping[str, str], form: Mapping[str, str]) -> int:
        reply = await self._api.write("PUT", key, condition, form)
        return index_at(reply.body["node"], "modifiedIndex")


def _refuse_fence(fence: Fence | None) -> None:
    if fence is not None:
        raise ValueError("etcd v2 cannot hold a fence: it compares only the key that it writes")


def _form(value: bytes, ttl_seconds: int | None) -> dict[str, str]:
    """Without a ttl, a write takes away the one that the key had."""
    try:
        form = {"value": value.decode()}
    except UnicodeDecodeError as error:
        message = "etcd v2 keeps text: this value is not UTF-8"
        raise OutsideError(ErrorClass.INVALID, "not-utf-8", message) from error
    return form if ttl_seconds is None else form | {"ttl": str(ttl_seconds)}
