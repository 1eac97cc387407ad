"""How etcd v3's key-values become items."""

from collections.abc import Sequence

from steersman.clients.etcd3.leases import Leases
from steersman.clients.etcd3.wire import Message
from steersman.model.ports import Item


def decode_key(key: bytes) -> str:
    """A key that is not UTF-8 was written by nobody who knows our names: it is shown, escaped."""
    return key.decode(errors="backslashreplace")


async def read_items(kvs: Sequence[Message], leases: Leases) -> list[Item]:
    expiries = await leases.expiries({kv.lease for kv in kvs})
    return [
        Item(
            key=decode_key(kv.key),
            value=kv.value,
            revision=kv.mod_revision,
            created=kv.create_revision,
            expires_at=expiries.get(kv.lease),
        )
        for kv in kvs
    ]
