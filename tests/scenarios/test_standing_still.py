"""What happens to the operator itself, or to its documents, changes nothing outside."""

import json
import os
import signal
import time

import pytest

from tests.scenarios.cloud import POST, LocalCloud
from tests.scenarios.looking import until
from tests.scenarios.witness import HEAL_SECONDS, LOOKS_SECONDS, healing

pytestmark = [pytest.mark.scenario, pytest.mark.timeout(1800)]

CONFIGS, SERVICES = "/configs", "/services/elasticsearch"
QUIET_SECONDS = 21.0  # longer than the 15 seconds between two keep-alives
NOTICE_SECONDS = 100.0
LEADER_SECONDS = 150.0  # the supervisor's pause, the start, and the lease of the one before


def test_a_killed_daemon_is_started_again_and_writes_nothing(cloud: LocalCloud) -> None:
    killed = cloud.pids()["daemon"]
    with healing(cloud) as witness:
        os.kill(killed, signal.SIGKILL)
        until(lambda: cloud.pids()["daemon"] != killed, LEADER_SECONDS, cloud.pids)
        started = cloud.pids()["daemon"]
        until(lambda: _leader(cloud).endswith(f"-{started}"), LEADER_SECONDS, cloud.pids)
    assert witness.steps() == []


def test_wiped_documents_are_released_and_their_return_changes_nothing(cloud: LocalCloud) -> None:
    _ask_in_the_unit_store(cloud)
    names = _names(cloud)
    with healing(cloud) as witness:
        keys = _kept(cloud)
        _wipe(cloud)
        until(lambda: not _names(cloud), NOTICE_SECONDS, lambda: _names(cloud))
        home, ends = _come_to_rest(cloud), _ends(cloud)
        time.sleep(QUIET_SECONDS)
        assert names <= _released(cloud)
        assert cloud.revisions() == home, "at rest not even home is written"
        assert _kept(cloud) == keys
        until(lambda: _are_refreshed(cloud, ends), NOTICE_SECONDS, lambda: _ends(cloud))
        applied = dict(line.split() for line in cloud.apply(POST))
        assert set(applied.values()) == {"created"}
        until(lambda: applied.keys() <= _names(cloud), NOTICE_SECONDS, lambda: _names(cloud))
        _ask_in_the_unit_store(cloud)
    assert witness.steps() == []
    assert _kept(cloud) == keys
    assert _names(cloud).isdisjoint(_released(cloud))


def _ask_in_the_unit_store(cloud: LocalCloud) -> None:
    document = "spec: {format: text, value: of the unit store}"
    cloud.etcdctl2("set", "/desired/configkey/released", document)
    until(lambda: "configkey/released" in _names(cloud), NOTICE_SECONDS, lambda: _names(cloud))
    until(cloud.ready, NOTICE_SECONDS, cloud.not_ready)


def _wipe(cloud: LocalCloud) -> None:
    cloud.etcdctl("del", "--prefix", "/desired")
    cloud.etcdctl2("rm", "--recursive", "/desired")


def _leader(cloud: LocalCloud) -> str:
    value = cloud.etcdctl("get", "--print-value-only", "/steersman/leader")
    return str(json.loads(value)["identity"]) if value else ""


def _names(cloud: LocalCloud) -> set[str]:
    items = cloud.steersman("get")["items"]
    return {f"{each['kind']}/{each['metadata']['name']}" for each in items}


def _released(cloud: LocalCloud) -> set[str]:
    return {f"{each['kind']}/{each['name']}" for each in cloud.steersman("get")["unmanaged"]}


def _kept(cloud: LocalCloud) -> dict[str, tuple[str, int]]:
    """The value of each key, and when it was made: a keep-alive changes neither."""
    nodes = cloud.keys(CONFIGS) | cloud.keys(SERVICES)
    return {key: (node["value"], node["createdIndex"]) for key, node in nodes.items()}


def _come_to_rest(cloud: LocalCloud) -> dict[str, int]:
    """The revisions of home, once it is told there what became of the documents."""
    seen = [cloud.revisions()]

    def rests() -> bool:
        time.sleep(LOOKS_SECONDS)
        seen.append(cloud.revisions())
        return seen[-1] == seen[-2]

    until(rests, HEAL_SECONDS, lambda: seen[-1])
    return seen[-1]


def _ends(cloud: LocalCloud) -> dict[str, str]:
    """When each registration would end if it were refreshed no more."""
    return {key: str(node["expiration"]) for key, node in cloud.keys(SERVICES).items()}


def _are_refreshed(cloud: LocalCloud, since: dict[str, str]) -> bool:
    return all(since[key] != end for key, end in _ends(cloud).items())
