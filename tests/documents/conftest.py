"""One daemon for all documents: that it outlives every one of them is the point."""

from collections.abc import Iterator

import pytest

from tests.documents.daemon import LiveDaemon, live_daemon
from tests.support.etcd import running_etcd


@pytest.fixture(scope="package")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveDaemon]:
    directory = tmp_path_factory.mktemp("documents")
    with running_etcd(directory) as etcd, live_daemon(etcd, directory) as started:
        yield started
