"""The unit documents that tell the story of the post are what this kind accepts."""

from pathlib import Path

import pytest

from steersman.kinds import KINDS
from steersman.kinds.unit.spec import UnitSpec
from steersman.model.document import body
from steersman.model.reading import key_in, read
from steersman.model.resource import Key

MANIFESTS = Path(__file__).parents[3] / "manifests" / "post"


def accepted(name: str) -> tuple[UnitSpec, tuple[Key, ...]]:
    found = body((MANIFESTS / f"{name}.yaml").read_bytes())
    document = read(key_in(found, KINDS), found, KINDS)
    assert isinstance(document.spec, UnitSpec)
    return document.spec, document.references


def values(spec: UnitSpec, name: str) -> list[str]:
    return [option.value for option in spec.options if option.name == name]


def test_jenkins_is_one_unit_after_the_nodes() -> None:
    spec, references = accepted("jenkins")
    assert dict(spec.units) == {"": "jenkins.service"}
    assert references == (Key("nodepool", "core"),)
    assert spec.expected == "running"


def test_elasticsearch_is_three_instances_after_nodes_and_configuration() -> None:
    spec, references = accepted("elasticsearch")
    assert list(spec.units.values()) == [f"elasticsearch@{number}.service" for number in (1, 2, 3)]
    assert references == (Key("nodepool", "core"), Key("configkey", "elasticsearch"))


def test_the_configuration_replaces_the_old_file_only_when_it_was_read() -> None:
    spec, _ = accepted("elasticsearch")
    file = "/data/elasticsearch/elasticsearch.yml"
    fetch = values(spec, "ExecStartPre")[-1]
    assert f"etcdctl get /configs/elasticsearch > {file}.tmp &&" in fetch
    assert fetch.endswith(f"mv {file}.tmp {file}'")


@pytest.mark.parametrize(
    "argument",
    [
        pytest.param("-Des.config=/data/elasticsearch.yml", id="the configuration it fetched"),
        pytest.param("--node.name=%p-%i", id="its name"),
        pytest.param("--network.publish_host=${COREOS_PRIVATE_IPV4}", id="its machine's address"),
        pytest.param("--discovery.zen.ping.unicast.hosts=$UNICAST_HOSTS", id="its peers"),
    ],
)
def test_elasticsearch_is_told(argument: str) -> None:
    spec, _ = accepted("elasticsearch")
    [command] = values(spec, "ExecStart")
    assert argument in command
    assert values(spec, "EnvironmentFile") == ["/etc/environment"]
