"""One real machine: a systemd of its own in systemd-nspawn, and fleetd as one of its services."""

import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.contracts.fleet.machines import AGENT_TTL_SECONDS, machine_id, metadata

COMMAND_SECONDS = 60.0
STOP_SECONDS = 60.0
RESPAWN_SECONDS = 2
HIERARCHIES = tuple(Path("/sys/fs/cgroup") / each for each in ("systemd", "unified"))
FOLDERS = "dev etc/systemd/system etc/systemd/system-preset opt/api opt/fleetd proc run sys tmp usr"
LINKS = ("bin", "sbin", "lib", "lib64")
ACCOUNTS = ("root", "nobody", "nogroup", "messagebus", "adm", "tty", "utmp", "shadow", "systemd-")
TARGET = """[Unit]
Requires=sysinit.target dbus.socket etcd.socket fleet.service
After=sysinit.target dbus.socket
"""
ETCD_SOCKET = """[Socket]
ListenStream=127.0.0.1:{port}
"""
ETCD_SERVICE = """[Service]
ExecStart=/lib/systemd/systemd-socket-proxyd {etcd}
"""
FLEET_SOCKET = """[Socket]
ListenStream=/opt/api/fleet.sock
"""
FLEET_SERVICE = """[Unit]
Requires=dbus.socket etcd.socket fleet.socket
After=dbus.socket etcd.socket fleet.socket

[Service]
ExecStart=/opt/fleetd/fleetd
Environment={environment}
StandardError=append:/opt/api/fleetd.log
Restart=always
RestartSec={respawn_seconds}
"""


class Machine:
    """It shares the network of its host, and reaches etcd through a relay of its own, at `port`.
    What it runs has no other file than those of its host's /usr."""

    def __init__(self, number: int, folder: Path, fleetd: Path, etcd: str, port: int) -> None:
        self.number = number
        self._root = folder / f"machine-{number}"
        self._shared = folder / f"shared-{number}"
        self._fleetd, self._etcd, self._port = fleetd, etcd, port
        self._name = f"fleet-{os.getpid()}-{number}"
        self._supervisor: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        return self._shared / "fleet.sock"

    @property
    def log(self) -> Path:
        """What its fleetd has said, over all its lives."""
        return self._shared / "fleetd.log"

    @property
    def running(self) -> bool:
        return self._supervisor is not None

    def boot(self) -> None:
        self._install()
        with (self._shared / "console.log").open("ab") as log:
            self._supervisor = subprocess.Popen(
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            )

    def crash(self) -> None:
        """Its first process is killed, and all others go with it."""
        if self._supervisor is None:
            return
        self._supervisor.terminate()
        self._supervisor.wait(STOP_SECONDS)
        self._supervisor = None
        self.socket.unlink(missing_ok=True)

    def remove(self) -> None:
        self.crash()
        for group in self._groups():
            for below in sorted(group.rglob("*/"), reverse=True):
                below.rmdir()
            group.rmdir()

    def systemctl(self, *words: str) -> str:
        command = ["nsenter", "--target", str(self._first_process()), "--all", "systemctl", *words]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=True
        ).stdout

    def process(self, unit: str) -> str | None:
        """The id of its main process, None where there is none."""
        if not self.running:
            return None
        found = self.systemctl("show", "--property=MainPID", "--value", unit).strip()
        return found if found not in ("", "0") else None

    def send(self, what: signal.Signals, unit: str) -> None:
        self.systemctl("kill", f"--signal={what.name}", "--kill-whom=main", unit)

    def _first_process(self) -> int:
        assert self._supervisor is not None
        pid = self._supervisor.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        assert children, f"machine {self.number} does not run"
        return int(children[0])

    def _groups(self) -> tuple[Path, ...]:
        return tuple(hierarchy / self._name for hierarchy in HIERARCHIES)

    def _command(self) -> list[str]:
        """In control groups of its own, or two machines would share one."""
        enter = [f"echo $$ > {group}/cgroup.procs" for group in self._groups()]
        nspawn = [
            *("systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit"),
            *("--kill-signal=SIGKILL", "--console=pipe"),
            *(f"--directory={self._root}", f"--machine={self._name}"),
            f"--uuid={machine_id(self.number)}",
            "--bind-ro=/usr",
            f"--bind-ro={self._fleetd.parent}:/opt/fleetd",
            f"--bind={self._shared}:/opt/api",
        ]
        dies_with_us = ("setpriv", "--pdeathsig=TERM")
        return [*dies_with_us, "sh", "-ec", " && ".join([*enter, 'exec "$@"']), "sh", *nspawn]

    def _install(self) -> None:
        folders = (self._shared, *(self._root / each for each in FOLDERS.split()))
        for folder in (*folders, *self._groups()):
            folder.mkdir(parents=True, exist_ok=True)
        for link in LINKS:
            (self._root / link).unlink(missing_ok=True)
            (self._root / link).symlink_to(f"usr/{link}")
        for path, text in self._files().items():
            (self._root / "etc" / path).write_text(text)

    def _files(self) -> Mapping[str, str]:
        units = {
            "default.target": TARGET,
            "etcd.socket": ETCD_SOCKET.format(port=self._port),
            "etcd.service": ETCD_SERVICE.format(etcd=self._etcd),
            "fleet.socket": FLEET_SOCKET,
            "fleet.service": FLEET_SERVICE.format(
                environment=" ".join(f"{name}={value}" for name, value in self._settings()),
                respawn_seconds=RESPAWN_SECONDS,
            ),
        }
        return {
            "os-release": Path("/etc/os-release").read_text(),
            "passwd": _accounts("passwd"),
            "group": _accounts("group"),
            "systemd/system-preset/00-nothing.preset": "disable *\n",
            **{f"systemd/system/{name}": text for name, text in units.items()},
        }

    def _settings(self) -> tuple[tuple[str, str], ...]:
        told = ",".join(f"{key}={value}" for key, value in metadata(self.number).items())
        return (
            ("FLEET_ETCD_SERVERS", f"http://127.0.0.1:{self._port}"),
            ("FLEET_PUBLIC_IP", f"127.97.0.{self.number}"),
            ("FLEET_METADATA", told),
            ("FLEET_AGENT_TTL", f"{AGENT_TTL_SECONDS}s"),
            ("FLEET_VERBOSITY", "1"),  # it tells of each request
        )


def _accounts(file: str) -> str:
    """Those of the host that a bare systemd and a bus ask for."""
    lines = Path("/etc", file).read_text().splitlines(keepends=True)
    return "".join(line for line in lines if line.startswith(ACCOUNTS))
