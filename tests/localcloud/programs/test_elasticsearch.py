"""Units of Elasticsearch, those of the story first: with what settings they start, if they do."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from localcloud.programs.program import (
    FOREVER,
    ElasticsearchProcess,
    Process,
    Program,
    Repeating,
)
from localcloud.programs.unit import start_unit
from localcloud.seams import Option
from tests.localcloud.support import FakeKeys, service_options, unit_options


def settings_of(program: Program | None) -> Mapping[str, str]:
    assert isinstance(program, ElasticsearchProcess)
    return program.settings


def reading_its_configuration(options: tuple[Option, ...]) -> tuple[Option, ...]:
    program = "bin/elasticsearch"
    told = f"{program} -Des.config=/data/elasticsearch.yml"
    return tuple(replace(each, value=each.value.replace(program, told)) for each in options)


def test_the_unit_of_the_story_is_a_node_with_the_options_of_its_command_line(
    disk: dict[str, str], keys: FakeKeys
) -> None:
    program = start_unit(
        "elasticsearch@2.service", unit_options("elasticsearch@.service"), disk, keys
    )
    assert program == ElasticsearchProcess(
        settings={
            "node.name": "elasticsearch-2",
            "network.publish_host": "127.20.0.2",
            "discovery.zen.ping.multicast.enabled": "false",
            "discovery.zen.ping.unicast.hosts": "",
        },
        version=None,
        http_port=9200,
        transport_port=9300,
        on_host_network=False,
        data_path="/data/elasticsearch/data",
    )


def test_its_unicast_hosts_are_the_registered_addresses(
    disk: dict[str, str], keys: FakeKeys
) -> None:
    for address in ("127.20.0.3", "127.20.0.4"):
        keys.put(f"/services/elasticsearch/{address}", "{}")
    program = start_unit("x@1.service", unit_options("elasticsearch@.service"), disk, keys)
    hosts = settings_of(program)["discovery.zen.ping.unicast.hosts"]
    assert hosts == "127.20.0.3:9300,127.20.0.4:9300"


def test_a_nested_key_among_the_registrations_becomes_a_bad_address(
    disk: dict[str, str], keys: FakeKeys
) -> None:
    keys.put("/services/elasticsearch/127.20.0.3/meta", "{}")
    program = start_unit("x@1.service", unit_options("elasticsearch@.service"), disk, keys)
    hosts = settings_of(program)["discovery.zen.ping.unicast.hosts"]
    assert hosts == "127.20.0.3:9300,127.20.0.3/meta:9300"


def test_it_writes_its_configuration_but_does_not_read_it(
    disk: dict[str, str], keys: FakeKeys
) -> None:
    program = start_unit("x@1.service", unit_options("elasticsearch@.service"), disk, keys)
    assert "cluster.name" not in settings_of(program)
    assert (
        disk["/data/elasticsearch/elasticsearch.yml"]
        == keys.values["/configs/elasticsearch"] + "\n"
    )


def test_with_the_option_that_names_the_file_it_reads_it(
    disk: dict[str, str], keys: FakeKeys
) -> None:
    options = reading_its_configuration(unit_options("elasticsearch@.service"))
    settings = settings_of(start_unit("x@1.service", options, disk, keys))
    assert settings["cluster.name"] == "es-prod"
    assert settings["index.number_of_shards"] == "2"
    assert settings["path.logs"] == "/data/log"


def test_it_fails_without_its_configuration_key_and_empties_the_file(
    disk: dict[str, str], keys: FakeKeys
) -> None:
    disk["/data/elasticsearch/elasticsearch.yml"] = "the one before"
    keys.values.clear()
    options = unit_options("elasticsearch@.service")
    assert start_unit("x@1.service", options, disk, keys) is None
    assert disk["/data/elasticsearch/elasticsearch.yml"] == ""


def test_it_fails_while_etcd_does_not_answer(disk: dict[str, str], keys: FakeKeys) -> None:
    keys.reachable = False
    assert start_unit("x@1.service", unit_options("elasticsearch@.service"), disk, keys) is None


def test_it_fails_without_the_environment_file_that_it_names(keys: FakeKeys) -> None:
    assert start_unit("x@1.service", unit_options("elasticsearch@.service"), {}, keys) is None


def test_without_an_environment_file_it_publishes_nothing_of_its_machine(
    disk: dict[str, str], keys: FakeKeys
) -> None:
    options = unit_options("elasticsearch-without-discovery@.service")
    settings = settings_of(start_unit("elasticsearch@1.service", options, disk, keys))
    assert settings == {"node.name": "elasticsearch-1", "network.publish_host": ""}


def test_the_neighbour_of_the_story_is_a_plain_process(
    disk: dict[str, str], keys: FakeKeys
) -> None:
    assert start_unit("jenkins.service", unit_options("jenkins.service"), disk, keys) == FOREVER


def test_the_sidekick_of_the_story_does_its_rounds(disk: dict[str, str], keys: FakeKeys) -> None:
    program = start_unit(
        "elasticsearch-discovery@1.service",
        unit_options("elasticsearch-discovery@.service"),
        disk,
        keys,
        answers=lambda host, port: (host, port) == ("127.20.0.2", 9200),
    )
    assert isinstance(program, Repeating)
    assert program.round() == 45
    registration = keys.get("/services/elasticsearch/127.20.0.2")
    assert registration == '{"http_port": 9200, "transport_port": 9300}'


@pytest.mark.parametrize(
    ("image", "is_a_node", "version"),
    [
        ("elasticsearch", True, None),
        ("dockerfile/elasticsearch", True, None),
        ("registry.example:5000/ops/elasticsearch-kopf:1.4.4", True, "1.4.4"),
        ("dockerfile/elasticsearch:latest", True, None),
        ("elasticsearch/exporter", False, None),
        ("jenkins", False, None),
    ],
)
def test_an_image_is_known_by_its_last_path_segment(
    image: str, is_a_node: bool, version: str | None, disk: dict[str, str], keys: FakeKeys
) -> None:
    options = service_options(f"ExecStart=/usr/bin/docker run -p 9200:9200 {image}")
    program = start_unit("a.service", options, disk, keys)
    if is_a_node:
        assert isinstance(program, ElasticsearchProcess)
        assert (program.version, program.http_port, program.transport_port) == (version, 9200, None)
    else:
        assert program == FOREVER


@pytest.mark.parametrize(
    ("configuration", "starts"),
    [
        pytest.param("", True, id="an empty configuration changes nothing"),
        pytest.param("cluster: {name: a}", True, id="nested names are fine"),
        pytest.param("just words", False, id="a configuration that is no mapping ends the process"),
        pytest.param("a: [", False, id="a configuration that is no YAML ends the process"),
        pytest.param("http.port: many", False, id="a port that is no number ends the process"),
    ],
)
def test_a_configuration(configuration: str, starts: bool, disk: dict[str, str]) -> None:
    keys = FakeKeys({"/configs/elasticsearch": configuration})
    options = reading_its_configuration(unit_options("elasticsearch@.service"))
    program = start_unit("x@1.service", options, disk, keys)
    assert isinstance(program, ElasticsearchProcess) is starts
    if not starts:
        assert isinstance(program, Process)
        assert program.code != 0
