"""Places: the ports, addresses and files of one local cloud, the same at every start."""

import json
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"
NETWORKS = range(20, 120)  # 127.N.0.0/16; a node's programs listen at its own address there
MARK_PORT = 9299  # held at an address of the network while its local cloud runs
# The ports that people expect; a taken one gives way to a free one.
ORDINARY_PORTS = {"etcd": 2379, "daemon": 9110, "gce": 9120, "fleet": 9130, "control": 9140}


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
    def of(cls, state_dir: Path, network: str) -> "Places":
        taken: set[int] = set()
        ports = {name: _port(wanted, taken) for name, wanted in ORDINARY_PORTS.items()}
        return cls(state_dir, network, etcd_peer=_port(0, taken), **ports)

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
        self.env_file.write_text("".join(lines))


def _port(wanted: int, taken: set[int]) -> int:
    port = wanted if wanted and wanted not in taken and _free(LOOPBACK, wanted) else 0
    while not port or port in taken:
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            port = probe.getsockname()[1]
    taken.add(port)
    return port


def _free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def claim_network(state_dir: Path) -> tuple[str, socket.socket]:
    """The network of this state, or the first free one, and the socket that marks it as taken
    for as long as it is open. OSError: it is in use, or all are."""
    kept = state_dir / "network"
    if kept.exists():
        network = kept.read_text().strip()
        mark = _mark(int(network.split(".")[1]))
        if mark is None:
            msg = f"another local cloud uses {network}, which this state dir needs"
            raise OSError(msg)
        return network, mark
    network, mark = next(_free_networks())
    kept.write_text(network)
    return network, mark


def _free_networks() -> Iterator[tuple[str, socket.socket]]:
    for number in NETWORKS:
        mark = _mark(number)
        if mark is not None:
            yield f"127.{number}.0.0/16", mark
    msg = f"every network from 127.{NETWORKS.start} to 127.{NETWORKS.stop - 1} is in use"
    raise OSError(msg)


def _mark(number: int) -> socket.socket | None:
    """Hold an address of the network that no node gets; None when somebody holds it."""
    mark = socket.socket()
    try:
        mark.bind((f"127.{number}.255.254", MARK_PORT))
    except OSError:
        mark.close()
        return None
    return mark


def write_pids(places: Places, pids: Mapping[str, int]) -> None:
    """Replace the file at once: a reader sees the old ids or the new ones."""
    fresh = places.pids_file.with_suffix(".new")
    fresh.write_text(json.dumps(pids))
    fresh.replace(places.pids_file)
