"""An Elasticsearch image: its settings, from its arguments and the configuration file they name."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any

import yaml

from localcloud.elasticsearch.node import NodeSpec
from localcloud.programs.container import Container
from localcloud.programs.program import ElasticsearchProcess, Process, Program

HTTP_PORT = 9200
TRANSPORT_PORT = 9300
FAILED_START = Process(ends_after_seconds=2, code=3)  # the JVM is up before it reads its settings
# what 1.x calls a node that was given no name: a character of a comic, at random
NODE_NAMES = ("Iron Man", "Mystique", "Doctor Strange", "Black Panther", "Storm", "Nightcrawler")

_VERSION_TAG = re.compile(r"1\.\d+(\.\d+)?")
_LEADING_ARGUMENT = re.compile(r"--([A-Za-z][\w.]*)(?:=(.*))?|-Des\.([\w.]+)=(.*)", re.DOTALL)


class BadSettingsError(Exception):
    """The process refuses to start with these settings."""


def elasticsearch(container: Container, files: Mapping[str, str]) -> Program:
    given = dict(_arguments(container.command))
    try:
        return _process(
            container, _configuration(given.pop("config", None), container, files) | given
        )
    except BadSettingsError:
        return FAILED_START


def _process(container: Container, settings: Mapping[str, str]) -> ElasticsearchProcess:
    return ElasticsearchProcess(
        settings=settings,
        version=container.tag if _VERSION_TAG.fullmatch(container.tag) else None,
        http_port=container.host_port(_number(settings, "http.port", HTTP_PORT)),
        transport_port=container.host_port(_number(settings, "transport.tcp.port", TRANSPORT_PORT)),
        on_host_network=container.on_host_network,
    )


def node_spec(
    process: ElasticsearchProcess,
    ip: str,
    default_version: str,
    resolve: Callable[[str], str | None],
    rng: Random,
) -> NodeSpec:
    """`resolve` is the machine's DNS. Raises BadSettingsError where 1.x dies at its start."""
    settings = process.settings
    own_ip = ip if process.on_host_network else f"172.17.0.{rng.randint(2, 250)}"
    return NodeSpec(
        ip=ip,
        name=settings.get("node.name") or rng.choice(NODE_NAMES),
        publish_ip=settings.get("network.publish_host") or settings.get("network.host") or own_ip,
        cluster_name=settings.get("cluster.name") or "elasticsearch",
        http_port=process.http_port,
        transport_port=process.transport_port,
        hosts=tuple(_hosts(settings.get("discovery.zen.ping.unicast.hosts", ""), resolve)),
        minimum_master_nodes=_number(settings, "discovery.zen.minimum_master_nodes", 1),
        version=process.version or default_version,
        settings=settings,
    )


def _arguments(command: Sequence[str]) -> Iterator[tuple[str, str]]:
    """`--a.b=c`, `--a.b c` and `-Des.a.b=c`."""
    words = list(command)
    while words:
        match = _LEADING_ARGUMENT.fullmatch(words.pop(0))
        if match is None:
            continue
        if match[3]:
            yield match[3], match[4]
        elif match[2] is not None:
            yield match[1], match[2]
        elif words and not words[0].startswith("-"):
            yield match[1], words.pop(0)


def _configuration(
    path: str | None, container: Container, files: Mapping[str, str]
) -> dict[str, str]:
    """The named file must be there and hold a mapping, or nothing at all."""
    if path is None:
        return {}
    text = files.get(container.host_path(path) or "")
    if text is None:
        msg = f"no configuration file {path}"
        raise BadSettingsError(msg)
    try:
        return dict(_flat("", yaml.safe_load(text) or {}))
    except yaml.YAMLError as error:
        msg = f"{path} is not YAML"
        raise BadSettingsError(msg) from error


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    """Nested and dotted names mean the same; a list is written with commas."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(f"{prefix}.{name}" if prefix else str(name), inner)
    elif not prefix:
        raise BadSettingsError("the configuration is not a mapping")
    elif isinstance(value, list):
        yield prefix, ",".join(_scalar(item) for item in value)
    else:
        yield prefix, _scalar(value)


def _scalar(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _hosts(value: str, resolve: Callable[[str], str | None]) -> Iterator[str]:
    """1.x resolves the whole list at its start, and one bad name ends the process."""
    for item in filter(None, (part.strip() for part in value.split(","))):
        host, _, port = item.partition(":")
        address = resolve(host)
        if address is None or (port and not port.isdecimal()):
            msg = f"Failed to resolve address for [{item}]"
            raise BadSettingsError(msg)
        yield f"{address}:{port or TRANSPORT_PORT}"


def _number(settings: Mapping[str, str], name: str, default: int) -> int:
    text = settings.get(name) or str(default)
    if not text.isdecimal():
        msg = f"Failed to parse int setting [{name}] with value [{text}]"
        raise BadSettingsError(msg)
    return int(text)
