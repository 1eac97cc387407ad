"""Places: the ports, addresses and files of one local cloud, the same at every start."""

import json
import re
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

LOOPBACK = "127.0.0.1"
NETWORKS = range(20, 120)  # 127.N.0.0/16; a node's programs listen at its own address there
NETWORK = re.compile(r"127\.([0-9]{1,3})\.0\.0/16")
NETWORK_MARK_PORT = 9299  # at an address of the network that no node gets
PORT_MARKS_HOST = "127.255.255.254"
# The ports that people expect; a taken one gives way to the next that is free.
ORDINARY_PORTS = {
    "etcd": 2379,
    "etcd_peer": 2380,
    "daemon": 9110,
    "gce": 9120,
    "fleet": 9130,
    "control": 9140,
}
# From here on the system hands ports to whoever wants any: such a one, though free when it was
# chosen, would be somebody's by the time the child listens that it was chosen for.
HANDED_OUT_PORTS = 32_768


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything of one local cloud is. `network` is chosen once and kept in the state."""

    state_dir: Path
    network: str
    etcd: int
    etcd_peer: int
    daemon: int
    gce: int
    fleet: int
    control: int

    @classmethod
    def of(cls, state_dir: Path, marks: "Marks") -> "Places":
        """OSError: the network that this state needs is in use."""
        network = claim_network(state_dir, marks)
        ports = {name: _port(wanted, marks) for name, wanted in ORDINARY_PORTS.items()}
        return cls(state_dir, network, **ports)

    @property
    def pids_file(self) -> Path:
        return self.state_dir / "pids.json"

    @property
    def env_file(self) -> Path:
        return self.state_dir / "env"

    def log_file(self, name: str) -> Path:
        return self.state_dir / "logs" / f"{name}.log"

    def url(self, port: int) -> str:
        return f"http://{LOOPBACK}:{port}"

    def environment(self) -> Mapping[str, str]:
        """What the `env` file holds, for people, scripts and the daemon."""
        return {
            "STEERSMAN_HOME_STORE": f"etcd3://{LOOPBACK}:{self.etcd}",
            "STEERSMAN_UNIT_STORE": f"etcd2://{LOOPBACK}:{self.etcd}",
            "STEERSMAN_FLEET": self.url(self.fleet),
            "STEERSMAN_API": self.url(self.daemon),
            "ETCD_URL": self.url(self.etcd),
            "ETCDCTL_ENDPOINTS": self.url(self.etcd),
            "GCE_URL": self.url(self.gce),
            "LOCALCLOUD_URL": self.url(self.control),
        }

    def write_env(self) -> None:
        lines = [f"export {name}={value}\n" for name, value in self.environment().items()]
        programs = f"{self.state_dir / 'bin'}:{Path(sys.executable).parent}"
        lines.append(f'export PATH="{programs}:$PATH"\n')
        _replace(self.env_file, "".join(lines))


class Marks:
    """What a local cloud has chosen, marked for as long as it runs: a port or a network is ours
    while we hold the same number at an address that nothing else listens at. Two that start in
    the same moment so never choose the same."""

    def __init__(self) -> None:
        self._held: list[socket.socket] = []

    def take(self, host: str, port: int) -> bool:
        """False: somebody has it."""
        mark = socket.socket()
        try:
            mark.bind((host, port))
        except OSError:
            mark.close()
            return False
        self._held.append(mark)
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for mark in self._held:
            mark.close()


def claim_network(state_dir: Path, marks: Marks) -> str:
    """The network of this state, or the first free one. OSError: it is in use, or all are, or
    nobody can read which it is."""
    kept = state_dir / "network"
    if kept.exists():
        return _claim_again(kept, marks)
    number = next((each for each in NETWORKS if _take_network(each, marks)), None)
    if number is None:
        msg = f"every network from 127.{NETWORKS.start} to 127.{NETWORKS.stop - 1} is in use"
        raise OSError(msg)
    network = f"127.{number}.0.0/16"
    _replace(kept, network)
    return network


def _claim_again(kept: Path, marks: Marks) -> str:
    """The addresses of a state are those of its nodes, so no other network will do."""
    network = kept.read_text(errors="replace").strip()
    found = NETWORK.fullmatch(network)
    if found is None:
        msg = f"{kept} names no network: write 127.N.0.0/16 there, or remove the state dir"
        raise OSError(msg)
    if not _take_network(int(found[1]), marks):
        msg = f"another local cloud uses {network}, which this state dir needs"
        raise OSError(msg)
    return network


def _take_network(number: int, marks: Marks) -> bool:
    return marks.take(f"127.{number}.255.254", NETWORK_MARK_PORT)


def _port(wanted: int, marks: Marks) -> int:
    """The wanted port, or, when somebody has it, the next free one. OSError: there is none."""
    ports = range(wanted, HANDED_OUT_PORTS)
    found = next((each for each in ports if _take_port(each, marks)), None)
    if found is None:
        msg = f"every port from {wanted} to {HANDED_OUT_PORTS - 1} is in use"
        raise OSError(msg)
    return found


def _take_port(port: int, marks: Marks) -> bool:
    return _free(port) and marks.take(PORT_MARKS_HOST, port)


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def write_pids(places: Places, pids: Mapping[str, int]) -> None:
    _replace(places.pids_file, json.dumps(pids))


def _replace(path: Path, text: str) -> None:
    """At once: a reader sees what was there or this, whenever we are killed."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(path)
