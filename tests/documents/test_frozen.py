"""A document that an earlier release accepted and this one cannot read: left alone, kept alive."""

import asyncio
import json
from pathlib import Path

import pytest

from steersman.clients.etcd import open_store
from tests.documents.daemon import live_daemon, until
from tests.support.etcd import EtcdServer, running_etcd

pytestmark = pytest.mark.timeout(600)

NAME = "elasticsearch/old"
DOCUMENT = "spec: {unit: unit/es, clusterName: old, quorum: 2}"  # a field that there was
KEY = "/services/elasticsearch/10.9.9.9"
VALUE = b'{"http_port": 9200, "transport_port": 9300}'
TTL_SECONDS = 250  # less than what a refresh gives
RECORD = {"store": "home", "revision": 2, "sha256": "0" * 64, "document": DOCUMENT}
RECORDED = {
    f"/desired/{NAME}": DOCUMENT,
    f"/steersman/accepted/{NAME}": json.dumps(RECORD),
    f"/steersman/memory/{NAME}": json.dumps({"own": {"owners": {KEY: ""}}}),
}


async def leave_behind(etcd: EtcdServer) -> None:
    """What the earlier release had written."""
    home, unit = open_store(f"etcd3://{etcd.endpoint}"), open_store(f"etcd2://{etcd.endpoint}")
    try:
        for key, value in RECORDED.items():
            await home.put(key, value.encode())
        await unit.put(KEY, VALUE, ttl_seconds=TTL_SECONDS)
    finally:
        await home.close()
        await unit.close()


def seconds_left(etcd: EtcdServer) -> int:
    return int(etcd.send("GET", f"/v2/keys{KEY}")["node"]["ttl"])


def test_the_registrations_of_a_frozen_document_are_kept_alive(tmp_path: Path) -> None:
    with running_etcd(tmp_path) as etcd:
        asyncio.run(leave_behind(etcd))
        with live_daemon(etcd, tmp_path) as daemon:
            until(lambda: seconds_left(etcd) > TTL_SECONDS)

            until(lambda: "quorum" in (daemon.told_of(NAME) or ""))
            assert daemon.value("unit", KEY) == VALUE
            for key, value in RECORDED.items():
                assert daemon.value("home", key) == value.encode()
