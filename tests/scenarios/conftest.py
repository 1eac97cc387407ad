"""The local clouds of the stories. They come up together, since that is a minute of waiting."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.scenarios.cloud import LocalCloud
from tests.scenarios.looking import until
from tests.scenarios.rolling import Roll, roll
from tests.scenarios.witness import HEAL_SECONDS

SPEED = ("--speed", "4")  # of the cloud's clock: machines and units come up in a second
SETTINGS = {
    "STEERSMAN_COMPUTE_INTERVAL_SECONDS": "2",
    "STEERSMAN_FLEET_INTERVAL_SECONDS": "1",
    "STEERSMAN_ELASTICSEARCH_INTERVAL_SECONDS": "2",
    "STEERSMAN_ELASTICSEARCH_QUALIFY_INTERVAL_SECONDS": "2",
}


@pytest.fixture(scope="package")
def rolling(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Future[Roll]"]:
    """Goes on beside the other stories, on a cloud of its own: it takes as long as many."""
    fast = LocalCloud(_state_dir(tmp_path_factory), *SPEED, settings=SETTINGS)
    with ThreadPoolExecutor(max_workers=1) as beside, _started(fast) as cloud:
        yield beside.submit(roll, cloud)


@pytest.fixture(scope="package")
def fast(tmp_path_factory: pytest.TempPathFactory, rolling: "Future[Roll]") -> Iterator[LocalCloud]:
    """A cloud that turns fast under a daemon that looks often, coming up. The roll is under way
    before the first story begins, which is what `rolling` is here for."""
    with _started(LocalCloud(_state_dir(tmp_path_factory), *SPEED, settings=SETTINGS)) as cloud:
        yield cloud


@pytest.fixture(scope="package")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """A cloud as `steersman local` starts it without any option, coming up."""
    with _started(LocalCloud(_state_dir(tmp_path_factory))) as cloud:
        yield cloud


@pytest.fixture
def cloud(fast: LocalCloud) -> LocalCloud:
    """With everything ready, whatever the story before left behind."""
    fast.until_ready()
    until(fast.ready, HEAL_SECONDS, fast.not_ready)
    return fast


def _state_dir(factory: pytest.TempPathFactory) -> Path:
    return factory.mktemp("cloud") / "state"


@contextmanager
def _started(cloud: LocalCloud) -> Iterator[LocalCloud]:
    try:
        cloud.start()
        yield cloud
    finally:
        cloud.end()
