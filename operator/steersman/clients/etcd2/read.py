"""What etcd v2 has at a key or under a directory."""

from steersman.clients.etcd2.http import KEY_NOT_FOUND, KeysApi, RefusedError
from steersman.clients.etcd2.nodes import leaves, read_item
from steersman.model.ports import Item, Listing


async def list_directory(api: KeysApi, directory: str) -> Listing:
    try:
        reply = await api.read(directory, recursive="true")
    except RefusedError as error:
        if error.code != KEY_NOT_FOUND:
            raise
        return Listing(error.index, ())
    return Listing(reply.index, tuple(leaves(reply.body["node"])))


async def get_key(api: KeysApi, key: str) -> Item | None:
    """A directory has no value, so to us it is not there."""
    try:
        reply = await api.read(key)
    except RefusedError as error:
        if error.code != KEY_NOT_FOUND:
            raise
        return None
    node = reply.body["node"]
    return None if node.get("dir") else read_item(node)
