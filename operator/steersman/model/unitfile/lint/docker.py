"""Rules about containers: their images, their data, and how they end."""

import re
from collections.abc import Iterator

from steersman.model.unitfile.lint.command import Command, Container
from steersman.model.unitfile.lint.source import Hit, Source

# Images of programs that keep data, by the last part of their name.
_STATEFUL = re.compile(
    r"cassandra|consul|couchdb|elasticsearch|etcd|gitlab|grafana|influxdb|jenkins|kafka|mariadb"
    r"|mongo|mongodb|mysql|neo4j|nexus|opensearch|postgres|postgresql|prometheus|rabbitmq|redis"
    r"|registry|rethinkdb|solr|zookeeper"
)
_SHORT_DETACH = re.compile(r"-[itP]*d[itP]*")
_VOLUMES = ("-v", "--volume", "--volumes-from", "--mount")


def pull_must_succeed(source: Source) -> Iterator[Hit]:
    for command in source.commands:
        if any(command.docker("pull")) and not command.may_fail:
            said = f"does not start while the registry is away: with {command.name}=- it may fail"
            yield command.line_of("pull"), said


def unpinned_image(source: Source) -> Iterator[Hit]:
    told: set[str] = set()
    for command in source.commands:
        for image in _images(command):
            if image not in told and "$" not in image and not _is_pinned(image):
                told.add(image)
                said = f"{image} is another one after the next pull: name a tag or a digest"
                yield command.line_of(image), said


def detached_container(source: Source) -> Iterator[Hit]:
    for command in source.commands:
        if command.name == "ExecStart" and any(map(_is_detached, command.containers)):
            said = "systemd sees docker run -d end at once, and not how the container fares"
            yield command.line_of("run"), said


def data_in_container(source: Source) -> Iterator[Hit]:
    for command, container in _stateful(source):
        if not container.values(*_VOLUMES):
            said = f"the data of {container.image} goes with the container: mount a --volume"
            yield command.line_of(container.image), said


def stop_kills(source: Source) -> Iterator[Hit]:
    if not any(_stateful(source)):
        return
    for command in source.commands:
        for words in command.docker("stop"):
            if not any(word.startswith(("-t", "--time")) for word in words):
                said = (
                    "docker kills it after 10 s, and it has data to write: docker stop -t SECONDS"
                )
                yield command.line_of("stop"), said


def _images(command: Command) -> Iterator[str]:
    for words in command.docker("pull"):
        yield from (word for word in words[-1:] if not word.startswith("-"))
    yield from (container.image for container in command.containers)


def _is_detached(container: Container) -> bool:
    return bool(container.values("--detach")) or any(
        _SHORT_DETACH.fullmatch(name) for name, _ in container.options
    )


def _is_pinned(image: str) -> bool:
    """A colon before the last slash is a registry's port."""
    _, colon, tag = image.rpartition("/")[2].partition(":")
    return "@" in image or (bool(colon) and tag != "latest")


def _stateful(source: Source) -> Iterator[tuple[Command, Container]]:
    for command in source.commands:
        for container in command.containers:
            name = container.image.rpartition("/")[2].partition("@")[0].partition(":")[0]
            if _STATEFUL.fullmatch(name):
                yield command, container
