"""Unit files as tables: what runs in the end, and what fails before it runs."""

import pytest

from localcloud.programs.interpreter import ROUND_SECONDS_MIN
from localcloud.programs.program import (
    FOREVER,
    Process,
    Program,
    Repeating,
)
from localcloud.programs.unit import start_unit, stop_unit
from tests.localcloud.support import FakeKeys, service_options


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("while true; do sleep 1; done", id="works on no key"),
        pytest.param("until etcdctl get /x; do sleep 1; done", id="waits for something"),
    ],
)
def test_a_loop_is_a_plain_process_where_it(script: str) -> None:
    options = service_options(f"ExecStart=/bin/sh -c '{script}'")
    assert start_unit("a.service", options, {}, FakeKeys()) == FOREVER


def test_a_loop_that_does_not_sleep_is_slowed_down() -> None:
    options = service_options("ExecStart=/bin/sh -c 'while true; do etcdctl set /x 1; done'")
    program = start_unit("a.service", options, {}, FakeKeys())
    assert isinstance(program, Repeating)
    assert program.round() == ROUND_SECONDS_MIN


@pytest.mark.parametrize("beyond", ["echo $(if)", "echo $(a | | b)", "/opt/server"])
def test_a_loop_that_comes_to_what_is_not_known_here_stays_in_it(beyond: str) -> None:
    script = f"while true; do etcdctl set /x 1; {beyond}; done"
    keys = FakeKeys()
    program = start_unit("a.service", service_options(f"ExecStart=/bin/sh -c '{script}'"), {}, keys)
    assert isinstance(program, Repeating)
    program.round()
    assert keys.values == {"/x": "1"}


def test_a_stop_does_what_the_unit_says() -> None:
    keys = FakeKeys({"/x": "1", "/y": "1"})
    options = service_options(
        "ExecStop=/usr/bin/etcdctl rm /%p", "ExecStop=-/usr/bin/etcdctl rm /y"
    )
    stop_unit("x.service", options, {}, keys, lambda host, port: False)
    assert keys.values == {}


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
    assert disk["/c"] == keys.values["/configs/elasticsearch"] + "\n"
