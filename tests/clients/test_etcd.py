"""Which URLs name a store, and which store they name."""

import subprocess
import sys

import pytest

from steersman.clients.etcd import open_store, parse_store_url
from steersman.clients.etcd2 import Etcd2Store
from steersman.clients.etcd3 import Etcd3Store
from tests.support.etcd import EtcdServer


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("etcd3://h:2379", ("etcd3", ("h:2379",)), id="one endpoint"),
        pytest.param("etcd2://h:4001/", ("etcd2", ("h:4001",)), id="a slash at the end"),
        pytest.param("etcd3://a:1,b-1.c:2", ("etcd3", ("a:1", "b-1.c:2")), id="several endpoints"),
        pytest.param("etcd3://[::1]:2379", ("etcd3", ("[::1]:2379",)), id="an IPv6 address"),
    ],
)
def test_a_url_is_a_scheme_and_its_endpoints(
    url: str, expected: tuple[str, tuple[str, ...]]
) -> None:
    assert parse_store_url(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("", id="nothing"),
        pytest.param("127.0.0.1:2379", id="no scheme"),
        pytest.param("http://127.0.0.1:2379", id="a scheme of others"),
        pytest.param("etcd4://h:1", id="an API that does not exist"),
        pytest.param("etcd3://", id="no endpoint"),
        pytest.param("etcd3://h", id="no port"),
        pytest.param("etcd3://h:0", id="port 0"),
        pytest.param("etcd3://h:65536", id="a port that is too high"),
        pytest.param("etcd3://h:1,", id="an empty endpoint"),
        pytest.param("etcd3://h:1/path", id="a path"),
        pytest.param("etcd3://user:secret@h:1", id="a password in the URL"),
    ],
)
def test_a_url_that_names_no_store_is_refused_by_name(url: str) -> None:
    with pytest.raises(ValueError, match="is no store") as refused:
        open_store(url)

    assert repr(url.replace("user:secret", "...")) in str(refused.value)


async def test_the_scheme_chooses_the_api(etcd_server: EtcdServer) -> None:
    v3 = open_store(f"etcd3://{etcd_server.endpoint}")
    v2 = open_store(f"etcd2://{etcd_server.endpoint}")

    assert isinstance(v3, Etcd3Store)
    assert isinstance(v2, Etcd2Store)
    await v3.put("/test-etcd/a", b"v3")
    assert await v2.get("/test-etcd/a") is None  # two stores in one server, side by side
    await v3.close()
    await v2.close()


def test_whoever_only_reads_files_pays_for_no_network_library() -> None:
    code = "import sys, steersman.clients.etcd; print(*{'grpc', 'aiohttp'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stdout.strip()) == (0, "")
