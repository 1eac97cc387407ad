"""The files of TLS, as both stores use them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from steersman.clients.etcd import open_store
from steersman.clients.etcd_access import Access
from steersman.model.errors import UnreachableError
from tests.support.certificates import Authority
from tests.support.etcd import EtcdServer

SCHEMES = ["etcd2", "etcd3"]


@contextmanager
def secured(authority: Authority, directory: Path) -> Iterator[EtcdServer]:
    server = EtcdServer(directory, tls=authority.server())
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_certificate_and_its_key_may_stand_in_one_file(scheme: str, tmp_path: Path) -> None:
    """gRPC would end this process if it got the one without the other."""
    authority = Authority(tmp_path)
    client = authority.client()
    both = tmp_path / "both.pem"
    both.write_bytes(client.cert.read_bytes() + client.key.read_bytes())
    with secured(authority, tmp_path) as server:
        store = open_store(f"{scheme}://{server.endpoint}", Access(client.ca, both))
        await store.put("/a", b"1")
        found = await store.get("/a")
        await store.close()

    assert found is not None
    assert found.value == b"1"


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_files_that_have_vanished_since_are_told_as_no_answer(
    scheme: str, tmp_path: Path
) -> None:
    client = Authority(tmp_path).client()
    store = open_store(f"{scheme}://127.0.0.1:1", Access(client.ca, client.cert, client.key))
    client.key.unlink()
    with pytest.raises(UnreachableError, match="No such file"):
        await store.get("/a")
    await store.close()
