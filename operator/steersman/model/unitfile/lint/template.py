"""Rules about templates: what happens when two instances meet on one machine."""

import re
from collections.abc import Iterator

from steersman.model.unitfile.lint.command import Command, Container
from steersman.model.unitfile.lint.source import Hit, Source

_OWN = re.compile(r"%[iInN]")  # specifiers that differ from instance to instance


def alike_instances(source: Source) -> Iterator[Hit]:
    if source.is_template and not source.keeps_instances_apart and not _OWN.search(source.text):
        yield 1, "all instances are the same: %i stands nowhere, and nothing keeps them apart"


def shared_container_name(source: Source) -> Iterator[Hit]:
    for command, container in _meeting(source):
        for name in container.values("--name"):
            if not _OWN.search(name):
                yield command.line_of(name), f"two instances on one machine are both called {name}"


def shared_port(source: Source) -> Iterator[Hit]:
    for command, container in _meeting(source):
        for published in container.values("-p", "--publish"):
            host, colon, _ = published.rpartition(":")
            if colon and not _OWN.search(host):
                said = f"two instances on one machine both want port {host.rpartition(':')[2]}"
                yield command.line_of(published), said


def _meeting(source: Source) -> Iterator[tuple[Command, Container]]:
    """The containers of instances that may run side by side."""
    if source.is_template and not source.keeps_instances_apart:
        for command in source.commands:
            for container in command.containers:
                yield command, container
