"""Unit files as tables: what runs in the end, and what fails before it runs."""

from collections.abc import Mapping

import pytest

from localcloud.programs.program import FOREVER, ElasticsearchProcess, Process, Program
from localcloud.programs.unit import start_unit
from localcloud.seams import Option
from tests.localcloud.support import FakeKeys, service_options, unit_options

ENVIRONMENT = "COREOS_PRIVATE_IPV4=127.20.0.2\nCOREOS_PUBLIC_IPV4=127.20.0.2\n"
CONFIGURATION = "cluster.name: es-prod\nindex.number_of_shards: 2\npath:\n  logs: /data/log\n"


@pytest.fixture
def disk() -> dict[str, str]:
    return {"/etc/environment": ENVIRONMENT}


@pytest.fixture
def keys() -> FakeKeys:
    return FakeKeys({"/configs/elasticsearch": CONFIGURATION})


def settings_of(program: Program | None) -> Mapping[str, str]:
    assert isinstance(program, ElasticsearchProcess)
    return program.settings


def reading_its_configuration(options: tuple[Option, ...]) -> tuple[Option, ...]:
    return tuple(
        Option(o.section, o.name, o.value.replace("bin/elasticsearch", f"bin/elasticsearch {flag}"))
        for o in options
        for flag in ("-Des.config=/data/elasticsearch.yml",)
    )


class TestTheUnitOfTheStory:
    def test_it_is_a_node_with_the_options_of_its_command_line(
        self, disk: dict[str, str], keys: FakeKeys
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
        )

    def test_its_unicast_hosts_are_the_registered_addresses(
        self, disk: dict[str, str], keys: FakeKeys
    ) -> None:
        for address in ("127.20.0.3", "127.20.0.4"):
            keys.put(f"/services/elasticsearch/{address}", "{}")
        program = start_unit("x@1.service", unit_options("elasticsearch@.service"), disk, keys)
        hosts = settings_of(program)["discovery.zen.ping.unicast.hosts"]
        assert hosts == "127.20.0.3:9300,127.20.0.4:9300"

    def test_a_nested_key_among_the_registrations_becomes_a_bad_address(
        self, disk: dict[str, str], keys: FakeKeys
    ) -> None:
        keys.put("/services/elasticsearch/127.20.0.3/meta", "{}")
        program = start_unit("x@1.service", unit_options("elasticsearch@.service"), disk, keys)
        hosts = settings_of(program)["discovery.zen.ping.unicast.hosts"]
        assert hosts == "127.20.0.3:9300,127.20.0.3/meta:9300"

    def test_it_writes_its_configuration_but_does_not_read_it(
        self, disk: dict[str, str], keys: FakeKeys
    ) -> None:
        program = start_unit("x@1.service", unit_options("elasticsearch@.service"), disk, keys)
        assert "cluster.name" not in settings_of(program)
        assert disk["/data/elasticsearch/elasticsearch.yml"] == CONFIGURATION + "\n"

    def test_with_the_option_that_names_the_file_it_reads_it(
        self, disk: dict[str, str], keys: FakeKeys
    ) -> None:
        options = reading_its_configuration(unit_options("elasticsearch@.service"))
        settings = settings_of(start_unit("x@1.service", options, disk, keys))
        assert settings["cluster.name"] == "es-prod"
        assert settings["index.number_of_shards"] == "2"
        assert settings["path.logs"] == "/data/log"

    def test_it_fails_without_its_configuration_key_and_empties_the_file(
        self, disk: dict[str, str], keys: FakeKeys
    ) -> None:
        disk["/data/elasticsearch/elasticsearch.yml"] = "the one before"
        keys.values.clear()
        options = unit_options("elasticsearch@.service")
        assert start_unit("x@1.service", options, disk, keys) is None
        assert disk["/data/elasticsearch/elasticsearch.yml"] == ""

    def test_it_fails_while_etcd_does_not_answer(
        self, disk: dict[str, str], keys: FakeKeys
    ) -> None:
        keys.reachable = False
        assert start_unit("x@1.service", unit_options("elasticsearch@.service"), disk, keys) is None

    def test_it_fails_without_the_environment_file_that_it_names(self, keys: FakeKeys) -> None:
        assert start_unit("x@1.service", unit_options("elasticsearch@.service"), {}, keys) is None

    def test_without_an_environment_file_it_publishes_nothing_of_its_machine(
        self, disk: dict[str, str], keys: FakeKeys
    ) -> None:
        options = unit_options("elasticsearch-without-discovery@.service")
        settings = settings_of(start_unit("elasticsearch@1.service", options, disk, keys))
        assert settings == {"node.name": "elasticsearch-1", "network.publish_host": ""}

    @pytest.mark.parametrize("name", ["elasticsearch-discovery@.service", "jenkins.service"])
    def test_its_neighbours_are_plain_processes(
        self, name: str, disk: dict[str, str], keys: FakeKeys
    ) -> None:
        assert start_unit(name.replace("@", "@1"), unit_options(name), disk, keys) == FOREVER


@pytest.mark.parametrize(
    ("lines", "program"),
    [
        pytest.param(["ExecStart=/bin/true"], Process(0), id="true ends cleanly at once"),
        pytest.param(["ExecStart=/bin/false"], Process(0, 1), id="false fails at once"),
        pytest.param(["ExecStart=/bin/sleep 5"], Process(5), id="sleep ends after its time"),
        pytest.param(["ExecStart=/bin/sleep 2m"], Process(120), id="sleep knows minutes"),
        pytest.param(["ExecStart=/opt/bin/server"], FOREVER, id="an unknown program runs on"),
        pytest.param(
            ["Type=oneshot", "ExecStart=/opt/bin/migrate"],
            Process(0),
            id="an unknown program of a oneshot ends cleanly",
        ),
        pytest.param(
            ["Type=oneshot", "ExecStart=/bin/sleep 2", "ExecStart=/bin/false"],
            Process(2, 1),
            id="a oneshot runs its commands in turn",
        ),
        pytest.param(
            ["ExecStart=/bin/bash -c 'sleep 3; exit 4'"],
            Process(3, 4),
            id="a script ends with the code of its exit",
        ),
        pytest.param(
            ["ExecStart=/bin/sh -c 'until test -s /ready; do sleep 1; done; /opt/server'"],
            FOREVER,
            id="a loop that waits runs on",
        ),
        pytest.param(
            ["ExecStart=/bin/bash -c 'for i in 1 2; do echo $i; done'"],
            FOREVER,
            id="a script beyond our grammar is a plain process",
        ),
        pytest.param(
            ["ExecStart=/usr/bin/docker run --rm busybox /bin/false"],
            Process(0, 1),
            id="a container without a behaviour does what its command does",
        ),
        pytest.param(
            ["ExecStart=/usr/bin/docker run -d registry"],
            Process(0),
            id="a detached container leaves its unit at once",
        ),
        pytest.param(
            ["ExecStartPre=/usr/bin/docker rm x", "ExecStart=/bin/sleep 5"],
            None,
            id="a failed command before the main one fails the unit",
        ),
        pytest.param(
            ["ExecStartPre=-/usr/bin/docker rm x", "ExecStart=/bin/sleep 5"],
            Process(5),
            id="a command behind a dash may fail",
        ),
        pytest.param(["Restart=always"], None, id="a unit without a command does not start"),
        pytest.param(
            ["ExecStart=/bin/sleep 9", "ExecStart=", "ExecStart=/bin/sleep 5"],
            Process(5),
            id="an empty line forgets the commands before it",
        ),
        pytest.param(
            ["Environment=WAIT=7", "ExecStart=/bin/sleep ${WAIT}"],
            Process(7),
            id="systemd fills in variables",
        ),
        pytest.param(
            ["ExecStart=/bin/bash -c '/bin/false || sleep 2 && sleep 3'"],
            Process(5),
            id="and and or are taken from the left",
        ),
        pytest.param(
            ["ExecStart=/bin/bash -c 'if [ ! -f /flag ]; then sleep 1; else sleep 9; fi'"],
            Process(1),
            id="a condition is judged by the machine's disk",
        ),
        pytest.param(
            ['ExecStart=/bin/bash -c "sleep 1'], None, id="a line with an open quote is refused"
        ),
    ],
)
def test_a_command_line_is(
    lines: list[str], program: Program | None, disk: dict[str, str], keys: FakeKeys
) -> None:
    assert start_unit("a.service", service_options(*lines), disk, keys) == program


def test_a_configuration_is_replaced_only_when_the_new_one_was_read(
    disk: dict[str, str], keys: FakeKeys
) -> None:
    fetch = "etcdctl get /configs/elasticsearch > /c.new && test -s /c.new && mv /c.new /c"
    options = service_options(f"ExecStartPre=/bin/bash -c '{fetch}'", "ExecStart=/bin/sleep 1")
    disk["/c"] = "the one before"

    keys.reachable = False
    assert start_unit("a.service", options, disk, keys) is None
    assert disk["/c"] == "the one before"

    keys.reachable = True
    assert start_unit("a.service", options, disk, keys) == Process(1)
    assert disk["/c"] == CONFIGURATION + "\n"


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
