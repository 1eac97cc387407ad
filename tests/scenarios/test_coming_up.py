"""The post comes up as it ships, ends with Ctrl-C, and resumes."""

import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.scenarios.cloud import POST, LocalCloud
from tests.scenarios.looking import get_json, until
from tests.scenarios.witness import HEAL_SECONDS, by_target, writes

pytestmark = [pytest.mark.scenario, pytest.mark.timeout(1800)]

REGISTRATION = '{"http_port": 9200, "transport_port": 9300}'
SERVICES = "/services/elasticsearch"
TTL_SECONDS = 300
LATER_SECONDS = 5.0  # fleet, which is looked at most often, was seen again
ERROR = 1
EMPTY = {"kind": "List", "items": [], "rejected": [], "unmanaged": []}
# The end of the post's ExecStart, as it fills UNICAST_HOSTS.
PIPELINE = r"""etcdctl ls --recursive /services/elasticsearch \
  | sed "s/\/services\/elasticsearch\///g" \
  | sed "s/$/:9300/" \
  | paste -s -d","
"""


@pytest.fixture
def post(fast: LocalCloud, shipped: LocalCloud) -> LocalCloud:
    """Ready, though other clouds come up beside it."""
    shipped.until_ready()
    return shipped


def test_the_post_comes_up_with_the_writes_that_it_takes(post: LocalCloud) -> None:
    assert post.not_ready() == {}
    units = ("jenkins", *(f"elasticsearch@{number}" for number in (1, 2, 3)))
    expected = [
        *(f"compute insert {name}" for name in ("discovery", "core1", "core2", "core3")),
        *(f"fleet {word} {unit}.service" for unit in units for word in ("submitted", "launched")),
    ]
    assert by_target(writes(post.journal())) == by_target(expected)


def test_every_node_tells_of_one_cluster_with_the_name_that_etcd_holds(post: LocalCloud) -> None:
    configuration = yaml.safe_load(post.etcdctl2("get", "/configs/elasticsearch"))
    states = [get_json(f"http://{ip}:9200/_cluster/state") for ip in _addresses(post)]
    assert [len(state["nodes"]) for state in states] == [3, 3, 3]
    (master,) = {state["master_node"] for state in states}
    assert master in states[0]["nodes"]
    assert {state["cluster_name"] for state in states} == {configuration["cluster.name"]}
    assert configuration["cluster.name"] == "es-prod"


def test_every_node_is_registered_byte_for_byte_as_the_post_does_it(post: LocalCloud) -> None:
    nodes = post.keys(SERVICES)
    assert {key: node["value"] for key, node in nodes.items()} == {
        f"{SERVICES}/{ip}": REGISTRATION for ip in _addresses(post)
    }
    assert all(0 < node["ttl"] <= TTL_SECONDS for node in nodes.values())


def test_the_shell_of_the_post_finds_the_three_nodes(post: LocalCloud) -> None:
    printed = post.run("env", "ETCDCTL_API=2", "bash", "-c", PIPELINE).stdout
    assert sorted(printed.strip().split(",")) == [f"{ip}:9300" for ip in _addresses(post)]


def test_two_local_clouds_run_side_by_side(post: LocalCloud, cloud: LocalCloud) -> None:
    assert set(_addresses(post)).isdisjoint(_addresses(cloud))
    assert set(post.pids().values()).isdisjoint(cloud.pids().values())
    ours = {name for name in post.env if name.endswith(("_URL", "_STORE", "_FLEET", "_API"))}
    assert len(ours) == 7
    assert all(post.env[name] != cloud.env[name] for name in ours)


def test_a_state_dir_that_is_in_use_is_refused(post: LocalCloud) -> None:
    second = post.run("steersman", "local", "--state-dir", str(post.state_dir))
    assert second.returncode == ERROR
    assert "another local cloud" in second.stderr
    assert post.not_ready() == {}


def test_it_ends_with_ctrl_c_and_leaves_no_child_then_resumes_without_a_write(
    post: LocalCloud,
) -> None:
    before, addresses, children = post.journal(), _addresses(post), post.pids()
    shipped = (POST / "jenkins.yaml").read_text()
    edited = shipped.replace("  name: jenkins\n", "  name: jenkins\n  labels: {edited: here}\n", 1)
    assert post.apply(edited) == ["unit/jenkins configured"]
    assert post.interrupt() == 0
    assert {name for name, pid in children.items() if _runs(pid)} == set()
    assert not (post.state_dir / "pids.json").exists()
    post.start()
    post.until_ready()
    assert set(post.pids()) == {"etcd", "localcloud", "daemon"}
    until(lambda: _labels(post) == {"edited": "here"}, HEAL_SECONDS, lambda: _labels(post))
    time.sleep(LATER_SECONDS)
    until(post.ready, HEAL_SECONDS, post.not_ready)
    assert _addresses(post) == addresses
    assert post.journal() == before
    assert _labels(post) == {"edited": "here"}


def test_without_manifests_it_is_ready_with_nothing(tmp_path: Path) -> None:
    empty = LocalCloud(tmp_path / "state", "--no-manifests")
    try:
        empty.start()
        empty.until_ready()
        listing = empty.steersman("get")
        # fleet runs on machines, of which there are none: that is told
        assert {each["kind"] for each in listing.pop("notices")} <= {"unready"}
        assert listing == EMPTY
        assert empty.journal() == []
        assert empty.interrupt() == 0
    finally:
        empty.end()


def _labels(cloud: LocalCloud) -> Any:
    """Of jenkins, by the document in force."""
    return cloud.steersman("get", "unit/jenkins")["metadata"]["labels"]


def _addresses(cloud: LocalCloud) -> list[str]:
    return sorted(each["ip"] for each in cloud.summary("nodepool/core")["members"])


def _runs(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()
