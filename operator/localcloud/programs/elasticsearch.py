"""An Elasticsearch image: its settings, from its arguments and the configuration file they name."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any

from localcloud.elasticsearch.node import NodeSpec, is_number, words
from localcloud.elasticsearch.version import UnspokenVersionError, parse
from localcloud.plain_yaml import BadYamlError, load
from localcloud.programs.container import Container
from localcloud.programs.program import ElasticsearchProcess, Process, Program
from localcloud.seams import Machine

HTTP_PORT = 9200
TRANSPORT_PORT = 9300
FAILED_START = Process(ends_after_seconds=2, code=3)  # the JVM is up before it reads its settings
# what 1.x calls a node that was given no name: a character of a comic, at random
NODE_NAMES = ("Iron Man", "Mystique", "Doctor Strange", "Black Panther", "Storm", "Nightcrawler")

# where an image keeps its data unless a setting says otherwise; the post's brings a configuration
# of its own, which counts as long as no other is named
OWN_CONFIGURATION_DATA = "/data/data"
OLD_HOME = "/elasticsearch"
HOMES = {"elasticsearch": "/usr/share/elasticsearch", "opensearch": "/usr/share/opensearch"}
TRANSPORT_PORTS = ("transport.port", "transport.tcp.port")

_LEADING_ARGUMENT = re.compile(
    r"--([A-Za-z][\w.]*)(?:=(.*))?|(?:-Des\.|-E\s*)([\w.]+)=(.*)", re.DOTALL
)


class BadSettingsError(Exception):
    """The process refuses to start with these settings."""


def elasticsearch(container: Container, files: Mapping[str, str]) -> Program:
    given = {**_environment(container), **dict(_arguments(container.command))}
    try:
        return _process(
            container, _configuration(given.pop("config", None), container, files) | given
        )
    except BadSettingsError:
        return FAILED_START


def _process(container: Container, settings: Mapping[str, str]) -> ElasticsearchProcess:
    transport = next((name for name in TRANSPORT_PORTS if name in settings), TRANSPORT_PORTS[0])
    version = _version(container)
    return ElasticsearchProcess(
        settings=settings,
        version=version,
        http_port=container.host_port(_number(settings, "http.port", HTTP_PORT)),
        transport_port=container.host_port(_number(settings, transport, TRANSPORT_PORT)),
        on_host_network=container.on_host_network,
        data_path=container.host_path(_data_path(container, settings)),
    )


def _version(container: Container) -> str | None:
    """As the image's tag says it; None: the tag names none that is spoken here."""
    distribution = next((name for name in HOMES if container.name.startswith(name)), "")
    text = f"{distribution}-{container.tag}"
    try:
        return text if parse(text).opensearch else container.tag
    except UnspokenVersionError:
        return None


def _data_path(container: Container, settings: Mapping[str, str]) -> str:
    if written := settings.get("path.data"):
        return written
    if "dockerfile/" not in container.image:
        return f"{HOMES.get(container.name, HOMES['elasticsearch'])}/data"
    configured = any(word.startswith("-Des.config=") for word in container.command)
    return f"{OLD_HOME}/data" if configured else OWN_CONFIGURATION_DATA


def _environment(container: Container) -> dict[str, str]:
    """The later images take settings as variables, known by their dots."""
    return {name: value for name, value in container.environment.items() if "." in name}


def node_spec(
    process: ElasticsearchProcess,
    machine: Machine,
    default_version: str,
    resolve: Callable[[str], str | None],
    rng: Random,
) -> NodeSpec:
    """`resolve` is the machine's DNS. Raises BadSettingsError where 1.x dies at its start."""
    settings, ip = process.settings, machine.ip
    version = process.version or default_version
    own_ip = ip if process.on_host_network else f"172.17.0.{rng.randint(2, 250)}"
    return NodeSpec(
        ip=ip,
        name=settings.get("node.name") or rng.choice(NODE_NAMES),
        publish_ip=settings.get("network.publish_host") or settings.get("network.host") or own_ip,
        cluster_name=settings.get("cluster.name") or "elasticsearch",
        http_port=process.http_port,
        transport_port=process.transport_port,
        hosts=_hosts(settings, resolve, version),
        minimum_master_nodes=_number(settings, "discovery.zen.minimum_master_nodes", 1),
        version=version,
        settings=settings,
        own_ip=own_ip,
        disk=f"{machine.id}:{process.data_path}" if process.data_path else None,
    )


def _arguments(command: Sequence[str]) -> Iterator[tuple[str, str]]:
    """`--a.b=c`, `--a.b c`, `-Des.a.b=c`, `-Ea.b=c` and `-E a.b=c`."""
    words = _with_joined_options(command)
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


def _with_joined_options(command: Sequence[str]) -> list[str]:
    words: list[str] = []
    for word in command:
        if words and words[-1] == "-E":
            words[-1] += word
        else:
            words.append(word)
    return words


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
        return dict(_flat("", load(text) or {}))
    except BadYamlError as error:
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


def _hosts(
    settings: Mapping[str, str], resolve: Callable[[str], str | None], version: str
) -> tuple[str, ...]:
    """1.x resolves the whole list at its start, and one bad name ends the process; the modern
    family does without the bad ones."""
    modern = parse(version).modern
    name = "discovery.seed_hosts" if modern else "discovery.zen.ping.unicast.hosts"
    found: list[str] = []
    for item in words(settings.get(name, "")):
        host, _, port = item.partition(":")
        address = resolve(host)
        if address is not None and (not port or port.isdecimal()):
            found.append(f"{address}:{port or TRANSPORT_PORT}")
        elif not modern:
            msg = f"Failed to resolve address for [{item}]"
            raise BadSettingsError(msg)
    return tuple(found)


def _number(settings: Mapping[str, str], name: str, default: int) -> int:
    text = settings.get(name) or str(default)
    if not is_number(text):
        msg = f"Failed to parse int setting [{name}] with value [{text}]"
        raise BadSettingsError(msg)
    return int(text)
