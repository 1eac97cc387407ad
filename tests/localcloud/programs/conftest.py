import pytest

from tests.localcloud.support import FakeKeys

ENVIRONMENT = "COREOS_PRIVATE_IPV4=127.20.0.2\nCOREOS_PUBLIC_IPV4=127.20.0.2\n"
CONFIGURATION = "cluster.name: es-prod\nindex.number_of_shards: 2\npath:\n  logs: /data/log\n"


@pytest.fixture
def disk() -> dict[str, str]:
    return {"/etc/environment": ENVIRONMENT}


@pytest.fixture
def keys() -> FakeKeys:
    return FakeKeys({"/configs/elasticsearch": CONFIGURATION})
