"""The systemd of all machines, below fleet: starts programs, ends them, tells what ended itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from random import Random
from typing import Any

from pydantic_core import to_jsonable_python

from localcloud.clock import Clock
from localcloud.elasticsearch.model import Elasticsearch
from localcloud.machines import ENVIRONMENT_FILE, environment_file
from localcloud.programs.elasticsearch import FAILED_START, BadSettingsError, node_spec
from localcloud.programs.interpreter import Exited
from localcloud.programs.program import ElasticsearchProcess, Process, Program, Repeating
from localcloud.programs.unit import start_unit, stop_unit
from localcloud.seams import Keys, Machine, Option

Key = tuple[str, str]
Round = Callable[[], float | None]

PORT_TAKEN = Process(ends_after_seconds=1, code=1)  # docker cannot publish the port


@dataclass(frozen=True, slots=True)
class Running:
    """The main process of a unit; `node` is set where it is an Elasticsearch node, `repeats` where
    it does not end at `ends_at` but does the same again."""

    node: str | None = None
    ends_at: float | None = None
    code: int = 0
    repeats: bool = False
    options: tuple[Option, ...] = ()  # of the unit: they say what to do as it stops


class Host:
    """`lookup` is the network's DNS: it gives an instance's address by its name.
    `exited(machine id, unit, code)` is called for a process that ended by itself.
    `elasticsearch_version` is what an image without a version in its tag holds."""

    def __init__(
        self,
        clock: Clock,
        rng: Random,
        keys: Keys,
        elasticsearch: Elasticsearch,
        lookup: Callable[[str], str | None],
        exited: Callable[[str, str, int], None],
        elasticsearch_version: str,
    ) -> None:
        self._clock = clock
        self._rng = rng
        self._keys = keys
        self._elasticsearch = elasticsearch
        self._lookup = lookup
        self._exited = exited
        self._elasticsearch_version = elasticsearch_version
        self._disks: dict[str, dict[str, str]] = {}  # machine id -> path -> text
        self._running: dict[Key, Running] = {}  # by machine id and unit
        self._rounds: dict[Key, Round] = {}  # of those that repeat; not known after a reload

    # machines

    def boot(self, machine: Machine) -> None:
        """Its disk is what it was, but for what the boot writes."""
        disk = self._disks.setdefault(machine.id, {})
        disk[ENVIRONMENT_FILE] = environment_file(machine.ip)

    def halt(self, machine: Machine) -> None:
        """The power is off: no program says goodbye."""
        for key in [key for key in self._running if key[0] == machine.id]:
            self._rounds.pop(key, None)
            node = self._running.pop(key).node
            if node is not None:
                self._elasticsearch.lose(node)

    def discard(self, machine: Machine) -> None:
        """The instance is gone, and its disk with it."""
        self._disks.pop(machine.id, None)
        self._elasticsearch.wipe(f"{machine.id}:")

    # seams.Host

    def start(self, machine: Machine, unit: str, options: Sequence[Option]) -> bool:
        """Starting what runs changes nothing, as in systemd."""
        key = (machine.id, unit)
        if key in self._running:
            return True
        disk = self._disks.setdefault(machine.id, {})
        program = start_unit(unit, options, disk, self._keys, self._listens)
        if program is None:
            return False
        self._running[key] = replace(self._launched(machine, program), options=tuple(options))
        if isinstance(program, Repeating):
            self._rounds[key] = program.round
        return True

    def stop(self, machine: Machine, unit: str) -> None:
        running = self._running.get((machine.id, unit))
        if running is not None:
            disk = self._disks.setdefault(machine.id, {})
            stop_unit(unit, running.options, disk, self._keys, self._listens)
        self.kill(machine, unit)

    def kill(self, machine: Machine, unit: str) -> None:
        self._rounds.pop((machine.id, unit), None)
        running = self._running.pop((machine.id, unit), None)
        if running is not None and running.node is not None:
            self._elasticsearch.stop(running.node)

    # seams.Model

    def tick(self) -> None:
        now = self._clock.now()
        due = sorted(
            (running.ends_at, key)
            for key, running in self._running.items()
            if running.ends_at is not None and running.ends_at <= now
        )
        for _, key in due:
            running = self._running.get(key)  # None: what ended before it took it along
            if running is not None and running.repeats:
                self._go_on(key, running)
            elif running is not None:
                self._end(key, running.code)

    def next_due(self) -> float | None:
        planned = (running.ends_at for running in self._running.values())
        return min((at for at in planned if at is not None), default=None)

    def dump(self) -> dict[str, Any]:
        running = [[*key, to_jsonable_python(running)] for key, running in self._running.items()]
        return {"disks": self._disks, "running": running}

    def load(self, state: dict[str, Any]) -> None:
        self._disks = {machine: dict(files) for machine, files in state["disks"].items()}
        self._running = {
            (machine, unit): _loaded(running)
            for machine, unit, running in state["running"]
            if not running["repeats"]  # begins anew when systemd starts it again
        }

    def _go_on(self, key: Key, running: Running) -> None:
        try:
            seconds = self._rounds[key]()
        except Exited as exited:
            self._end(key, exited.code)
            return
        ends_at = None if seconds is None else self._clock.now() + seconds
        self._running[key] = replace(running, ends_at=ends_at)

    def _end(self, key: Key, code: int) -> None:
        del self._running[key]
        self._rounds.pop(key, None)
        self._exited(*key, code)

    # programs

    def _launched(self, machine: Machine, program: Program) -> Running:
        if isinstance(program, ElasticsearchProcess):
            return self._elasticsearch_node(machine, program)
        if isinstance(program, Repeating):
            return Running(ends_at=self._clock.now(), repeats=True)
        return self._process(program)

    def _elasticsearch_node(self, machine: Machine, program: ElasticsearchProcess) -> Running:
        ports = [port for port in (program.http_port, program.transport_port) if port]
        if self._elasticsearch.taken(machine.ip, ports):
            return self._process(PORT_TAKEN)
        try:
            spec = node_spec(
                program, machine, self._elasticsearch_version, self._resolve, self._rng
            )
        except BadSettingsError:
            return self._process(FAILED_START)
        return Running(node=self._elasticsearch.start(spec))

    def _process(self, process: Process) -> Running:
        if process.ends_after_seconds is None:
            return Running()
        return Running(ends_at=self._clock.now() + process.ends_after_seconds, code=process.code)

    def _listens(self, host: str, port: int) -> bool:
        return self._elasticsearch.taken(host, [port])

    def _resolve(self, name: str) -> str | None:
        try:
            return str(ip_address(name))
        except ValueError:
            return self._lookup(name)


def _loaded(row: Mapping[str, Any]) -> Running:
    options = tuple(Option(**option) for option in row["options"])
    return Running(**(dict(row) | {"options": options}))
