"""Elasticsearch nodes, any version from 1.x on, each asked for what it itself sees.

Answers differ between versions and a sick node answers half of them; whatever could not be told
is None in the probe.
"""

import asyncio
import dataclasses
import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from steersman.clients.http import Answer, Http
from steersman.clients.measure import Observe, unobserved
from steersman.model.errors import OutsideError
from steersman.model.observed import Probe, ProbeTarget
from steersman.model.ports import Clock

BACKEND = "elasticsearch"
BODY_BYTES_MAX = 1024 * 1024
PROBE_TIMEOUT_SECONDS = 3.0
ROOT = "/"
# `local`: what this node believes, and an answer even when it has no master
STATE = "/_cluster/state/master_node,cluster_manager_node,nodes,version,blocks?local=true"
LOCAL_NODE = "/_nodes/_local"
HEALTH = "/_cluster/health?local=true"
MASTERS = ("master_node", "cluster_manager_node")  # the latter is OpenSearch's own word
TEXT_CHARS_MAX = 256  # of a name; whatever is longer, or cannot be printed, is none
PORT_MAX = 65535
HEALTHS = frozenset({"green", "yellow", "red"})
# 10.0.0.1:9300 · host/10.0.0.1:9300 · [::1]:9300, and 1.x: inet[/10.0.0.1:9300], inet[host/...]
ADDRESS = re.compile(r"(?:inet\[)?(?:[^/]*/)?\[?(?P<ip>[0-9A-Fa-f.:]+?)\]?:(?P<port>[0-9]{1,5})\]?")

Body = Mapping[str, Any]


class ElasticsearchClient:
    """The port Elasticsearch. One deadline bounds a whole probe."""

    def __init__(
        self,
        clock: Clock,
        *,
        timeout_seconds: float = PROBE_TIMEOUT_SECONDS,
        observe: Observe = unobserved,
    ) -> None:
        self._clock = clock
        self._timeout_seconds = timeout_seconds
        self._http = Http(BACKEND, body_bytes_max=BODY_BYTES_MAX, observe=observe)

    async def probe(self, target: ProbeTarget) -> Probe:
        at = self._clock.now()
        async with asyncio.TaskGroup() as group:  # side by side, so that one deadline fits all
            transport = group.create_task(self._transport(target), name="probe transport")
            root = group.create_task(self._get(target, ROOT), name="probe root")
            state = group.create_task(self._get(target, STATE), name="probe state")
            local = group.create_task(self._get(target, LOCAL_NODE), name="probe local node")
            health = group.create_task(self._get(target, HEALTH), name="probe health")
        about = root.result()
        seen = Probe(target, at, transport.result(), about.status if about else None)
        asked = (state.result(), local.result(), health.result())
        return with_answers(seen, _body(about), *map(_body, asked))

    async def close(self) -> None:
        await self._http.close()

    async def _transport(self, target: ProbeTarget) -> str:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                _, writer = await asyncio.open_connection(target.ip, target.transport_port)
        except ConnectionRefusedError:
            return "refused"
        except OSError:  # TimeoutError is one
            return "unreachable"
        writer.close()
        return "open"

    async def _get(self, target: ProbeTarget, path: str) -> Answer | None:
        url = f"http://{_host(target.ip)}:{target.http_port}{path}"
        try:
            return await self._http.request("GET", url, timeout_seconds=self._timeout_seconds)
        except OutsideError:  # what a node does not tell is part of what is seen
            return None


def parse_address(text: str) -> tuple[str, int] | None:
    """IP and port of an address as any version writes it."""
    match = ADDRESS.fullmatch(text)
    if match is None:
        return None
    try:
        address, port = str(ipaddress.ip_address(match["ip"])), int(match["port"])
    except ValueError:
        return None
    return (address, port) if port <= PORT_MAX else None


def with_answers(seen: Probe, about: Body, state: Body, local: Body, health: Body) -> Probe:
    """The probe with what the bodies tell of the node; {} for one that never came."""
    node = next((_object(node) for node in _object(local.get("nodes")).values()), {})
    publish_ip, publish_port = _publish_address(node) or (None, None)
    status = _text(health.get("status"))
    return dataclasses.replace(
        seen,
        name=_text(about.get("name")) or _text(node.get("name")),
        cluster_name=_first_text("cluster_name", about, state, local),
        version=_text(_object(about.get("version")).get("number")) or _text(node.get("version")),
        master=_master(state),
        publish_ip=publish_ip,
        publish_port=publish_port,
        health=status if status in HEALTHS else None,
        nodes=_node_names(state),
    )


def _master(state: Body) -> str | None:
    identity = next((text for name in MASTERS if (text := _text(state.get(name)))), None)
    node = _object(state.get("nodes")).get(identity) if identity else None
    return _text(_object(node).get("name"))


def _node_names(state: Body) -> tuple[str, ...]:
    names = (_text(_object(node).get("name")) for node in _object(state.get("nodes")).values())
    return tuple(sorted(name for name in names if name))


def _publish_address(node: Body) -> tuple[str, int] | None:
    """The address under which this node tells the others to reach it."""
    published = _text(_object(node.get("transport")).get("publish_address"))
    return parse_address(published or _text(node.get("transport_address")) or "")


def _body(answer: Answer | None) -> Body:
    try:
        return {} if answer is None else answer.object()
    except OutsideError:
        return {}


def _object(value: object) -> Body:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    if not isinstance(value, str) or not value or len(value) > TEXT_CHARS_MAX:
        return None
    return value if value.isprintable() else None


def _first_text(key: str, *bodies: Body) -> str | None:
    return next((text for body in bodies if (text := _text(body.get(key)))), None)


def _host(ip: str) -> str:
    return f"[{ip}]" if ":" in ip else ip
