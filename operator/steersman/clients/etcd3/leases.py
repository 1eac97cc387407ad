"""Leases: how a v3 key gets a TTL. Every key has a lease of its own, named in the key."""

import asyncio
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta

from steersman.clients.etcd3.transport import Transport
from steersman.clients.etcd3.wire import (
    LEASE_GRANT,
    LEASE_KEEP_ALIVE,
    LEASE_REVOKE,
    LEASE_TIME_TO_LIVE,
    make,
)
from steersman.model.errors import OutsideError, UnreachableError

_TTL_SECONDS_MAX = 9_000_000_000  # of a lease; etcd grants no longer one
_ASKED_AT_ONCE = 32  # leases, of which a single request tells one


class Leases:
    def __init__(self, transport: Transport, request_timeout_seconds: float) -> None:
        self._transport = transport
        self._timeout_seconds = request_timeout_seconds

    async def grant(self, ttl_seconds: int) -> int:
        """The server may make a very short TTL longer."""
        reply = await self._transport.call(LEASE_GRANT, make("LeaseGrantRequest", TTL=ttl_seconds))
        return int(reply.ID)

    async def abandon(self, lease: int) -> None:
        """Give back a lease that no key hangs on."""
        try:
            await self._transport.call(LEASE_REVOKE, make("LeaseRevokeRequest", ID=lease))
        except OutsideError:
            pass  # it ends by itself, and its caller has an answer of its own to give

    async def keep_alive(self, lease: int) -> int:
        """Start its time anew. Returns its whole TTL in seconds; 0: it has ended."""
        async with self._transport.stream(LEASE_KEEP_ALIVE) as stream:
            await stream.write(make("LeaseKeepAliveRequest", ID=lease), self._timeout_seconds)
            reply = await stream.read(self._timeout_seconds)
        if reply is None:
            message = f"{LEASE_KEEP_ALIVE.path}: no answer"
            raise UnreachableError(message)
        return max(0, int(reply.TTL))

    async def expiries(self, leases: AbstractSet[int]) -> dict[int, datetime]:
        """When each ends, by our clock. Lease 0 is how a key without a TTL says so."""
        asked = sorted(leases - {0})
        found: dict[int, datetime] = {}
        for start in range(0, len(asked), _ASKED_AT_ONCE):
            some = asked[start : start + _ASKED_AT_ONCE]
            found |= zip(some, await asyncio.gather(*map(self._expires_at, some)), strict=True)
        return found

    async def _expires_at(self, lease: int) -> datetime:
        request = make("LeaseTimeToLiveRequest", ID=lease)
        reply = await self._transport.call(LEASE_TIME_TO_LIVE, request)
        left_seconds = min(max(0, int(reply.TTL)), _TTL_SECONDS_MAX)
        return datetime.now(UTC) + timedelta(seconds=left_seconds)
