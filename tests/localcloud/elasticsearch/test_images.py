"""Which server an image runs, with which settings, and where its data is."""

from random import Random

import pytest

from localcloud.elasticsearch.node import NodeSpec
from localcloud.programs.container import container
from localcloud.programs.elasticsearch import BadSettingsError, elasticsearch, node_spec
from localcloud.programs.program import ElasticsearchProcess
from localcloud.seams import Machine
from tests.localcloud.story import Story

MACHINE = Machine("0" * 32, "127.20.0.2", "core1")


def unresolved(name: str) -> str | None:
    """Of a network without names."""
    return None


def process(arguments: str) -> ElasticsearchProcess:
    program = elasticsearch(container(arguments.split()), {"/data/es/elasticsearch.yml": ""})
    assert isinstance(program, ElasticsearchProcess)
    return program


def spec(arguments: str) -> NodeSpec:
    return node_spec(process(arguments), MACHINE, "1.3.2", unresolved, Random(1))


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("dockerfile/elasticsearch", "1.3.2"),
        ("elasticsearch:1.7.1", "1.7.1"),
        ("docker.example/elasticsearch/elasticsearch:7.10.2", "7.10.2"),
        ("opensearchproject/opensearch:2.19.1", "opensearch-2.19.1"),
        ("elasticsearch:5.6.0", "1.3.2"),
        ("elasticsearch:latest", "1.3.2"),
    ],
)
def test_the_tag_chooses_the_version(image: str, version: str) -> None:
    assert spec(image).version == version


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        pytest.param(
            "-v /data/es:/data dockerfile/elasticsearch",
            "/data/es/data",
            id="the image of the post has its data under /data",
        ),
        pytest.param(
            "-v /data/es:/data dockerfile/elasticsearch /es -Des.config=/data/elasticsearch.yml",
            None,
            id="with another configuration it is inside of the container",
        ),
        pytest.param(
            "-v /data/es:/data dockerfile/elasticsearch /es -Des.config=/data/elasticsearch.yml"
            " --path.data=/data/here",
            "/data/es/here",
            id="a setting counts before all",
        ),
        pytest.param(
            "-v /data/es:/usr/share/elasticsearch/data elasticsearch:7.10.2",
            "/data/es",
            id="the later images have a folder for it",
        ),
        pytest.param(
            "-v /data/os:/usr/share/opensearch/data opensearchproject/opensearch:2.19.1",
            "/data/os",
            id="and OpenSearch its own",
        ),
        pytest.param("elasticsearch:7.10.2", None, id="without a volume it is lost"),
    ],
)
def test_the_data_path_of_an_image(arguments: str, path: str | None) -> None:
    assert process(arguments).data_path == path


@pytest.mark.parametrize(
    "arguments",
    [
        "elasticsearch:7.10.2 elasticsearch -Ecluster.name=es-prod",
        "elasticsearch:7.10.2 elasticsearch -E cluster.name=es-prod",
        "-e cluster.name=es-prod -e TERM elasticsearch:7.10.2",
        "--env cluster.name=es-prod elasticsearch:7.10.2",
    ],
)
def test_a_later_image_takes_settings_from_options_and_variables(arguments: str) -> None:
    assert spec(arguments).cluster_name == "es-prod"


def test_the_seeds_have_another_name_in_each_family() -> None:
    def resolve(name: str) -> str | None:
        return {"core2": "127.20.0.3"}.get(name)

    def hosts(arguments: str) -> tuple[str, ...]:
        return node_spec(process(arguments), MACHINE, "1.3.2", resolve, Random(1)).hosts

    old = "elasticsearch:1.7.1 es --discovery.zen.ping.unicast.hosts=core2"
    new = "elasticsearch:7.10.2 es -Ediscovery.seed_hosts=core2:9301,core9"
    assert hosts(old) == ("127.20.0.3:9300",)
    assert hosts(new) == ("127.20.0.3:9301",)


def test_1_x_does_not_start_with_a_host_that_cannot_be_resolved() -> None:
    with pytest.raises(BadSettingsError, match="core9"):
        spec("elasticsearch:1.7.1 es --discovery.zen.ping.unicast.hosts=core9")


def test_a_container_without_a_published_address_publishes_its_own() -> None:
    assert spec("elasticsearch:1.7.1").publish_ip.startswith("172.17.0.")
    given = spec("elasticsearch:1.7.1 es --network.publish_host=127.20.0.2")
    assert (given.publish_ip, given.told_ip[:9]) == ("127.20.0.2", "172.17.0.")


def test_data_is_gone_with_the_instance_that_had_it() -> None:
    story = Story()
    story.three_nodes()
    node = next(iter(story.nodes().values()))
    story.cloud.elasticsearch.indices.create(node, "books", {})
    story.after(10)
    for name in ("core1", "core2", "core3"):
        story.cloud.compute.mishaps.vanish(name)
    story.after(120)
    assert story.cloud.elasticsearch.dump()["disks"] == {}
