"""Three real machines and their etcd."""

import signal
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote
from urllib.request import Request, urlopen

from tests.contracts.fleet.machine import Machine
from tests.contracts.fleet.machines import NUMBERS
from tests.support.etcd import EtcdServer, free_ports

REQUEST_SECONDS = 10.0
JOBS = "/v2/keys/_coreos.com/fleet/job"


class RealMachines:
    speed = 1.0

    def __init__(self, folder: Path, fleetd: Path) -> None:
        self.etcd = EtcdServer(folder)
        self.etcd.start()
        ports = dict(zip(NUMBERS, free_ports(len(NUMBERS)), strict=True))
        self.machines = {
            number: Machine(number, folder, fleetd, self.etcd.endpoint, ports[number])
            for number in NUMBERS
        }
        self._parted: set[int] = set()

    @property
    def endpoints(self) -> str:
        return ",".join(f"unix://{each.socket}" for each in self.machines.values())

    def processes(self, unit: str) -> Mapping[int, str]:
        found = {number: each.process(unit) for number, each in self.machines.items()}
        return {number: process for number, process in found.items() if process}

    def crash_unit(self, unit: str) -> None:
        for number in self.processes(unit):
            self.machines[number].send(signal.SIGKILL, unit)

    def write_target_state(self, unit: str, word: str) -> None:
        url = f"http://{self.etcd.endpoint}{JOBS}/{quote(unit)}/target-state"
        form = Request(url, f"value={word}".encode(), method="PUT")
        with urlopen(form, timeout=REQUEST_SECONDS) as answer:
            assert answer.status == 200

    def boot(self, number: int) -> None:
        self.machines[number].boot()

    def crash(self, number: int) -> None:
        self.machines[number].crash()

    def stop_fleetd(self, number: int) -> None:
        self.machines[number].systemctl("stop", "fleet.socket", "fleet.service")

    def kill_fleetd(self, number: int) -> None:
        self.machines[number].send(signal.SIGKILL, "fleet.service")

    def part(self, number: int) -> None:
        self._parted.add(number)
        self.machines[number].send(signal.SIGSTOP, "etcd.service")

    def freeze_etcd(self) -> None:
        self.etcd.freeze()

    def mend(self) -> None:
        self.etcd.thaw()
        for number in self._parted:
            self.machines[number].send(signal.SIGCONT, "etcd.service")
        self._parted.clear()
        for each in self.machines.values():
            if not each.running:
                each.boot()
            else:
                each.systemctl("start", "fleet.service")

    def close(self) -> None:
        self.etcd.thaw()
        for each in self.machines.values():
            each.remove()
        self.etcd.stop()
