"""The local cloud that most stories share."""

from collections.abc import Iterator

import pytest
from tests.scenarios.cloud import LocalCloud
from tests.scenarios.looking import until
from tests.scenarios.witness import HEAL_SECONDS

SPEED = "4"  # of the cloud's clock: machines and units come up in less than a second
SETTINGS = {
    "STEERSMAN_COMPUTE_INTERVAL_SECONDS": "3",
    "STEERSMAN_FLEET_INTERVAL_SECONDS": "1",
    "STEERSMAN_ELASTICSEARCH_INTERVAL_SECONDS": "3",
    "STEERSMAN_ELASTICSEARCH_QUALIFY_INTERVAL_SECONDS": "2",
}


@pytest.fixture(scope="package")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """A cloud that turns fast under a daemon that looks often, coming up."""
    cloud = LocalCloud(tmp_path_factory.mktemp("fast") / "state", "--speed", SPEED, settings=SETTINGS)
    cloud.start()
    yield cloud
    cloud.end()


@pytest.fixture
def cloud(started: LocalCloud) -> LocalCloud:
    """With everything ready, whatever the story before left behind."""
    started.until_ready()
    until(started.ready, HEAL_SECONDS, started.not_ready)
    return started
