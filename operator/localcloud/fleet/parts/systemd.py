"""The systemd of one machine, as far as fleet can see it: states, Type=, Restart=, BindsTo=."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

from pydantic_core import to_jsonable_python

from localcloud.fleet.units.names import NameInfo, unit_type
from localcloud.seams import Host, Machine, Option

RESTART_DELAY_SECONDS = 0.1  # systemd's default for RestartSec=
START_TIMEOUT_SECONDS = 90.0  # systemd's default for TimeoutStartSec=
NO_TIMEOUT = ("0", "infinity")
START_LIMIT_SECONDS = 10.0
START_LIMIT_STARTS = 5
KILLED = 137  # how a shell reports a process that SIGKILL ended

_SUB_WHEN_ACTIVE = {"mount": "mounted", "device": "plugged"}
_SECONDS_OF = {"ms": 0.001, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_TIME_SPAN = re.compile(rf"(\d+(?:\.\d+)?)\s*({'|'.join(_SECONDS_OF)})?")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A unit whose file lies in the machine's /run."""

    options: tuple[Option, ...]
    active: str = "inactive"
    sub: str = "dead"
    run: int = 0  # counts starts: a planned restart belongs to one of them
    starts: tuple[float, ...] = ()  # times of the starts within the start limit's window

    def values(self, section: str, name: str) -> list[str]:
        return [o.value for o in self.options if (o.section, o.name) == (section, name)]

    def value(self, section: str, name: str, default: str = "") -> str:
        return (self.values(section, name) or [default])[-1]

    @property
    def up(self) -> bool:
        return self.active in ("active", "activating")

    @property
    def running(self) -> bool:
        return (self.active, self.sub) in (("active", "running"), ("activating", "start"))


class Reminders(Protocol):
    """Asks to be called back, at `restart` or `start_timeout`, about one run of a unit."""

    def restart_in(self, seconds: float, unit: str, run: int) -> None: ...

    def time_out_in(self, seconds: float, unit: str, run: int) -> None: ...


class Systemd:
    def __init__(self, machine: Machine, host: Host, reminders: Reminders) -> None:
        self.units: dict[str, Loaded] = {}
        self._machine = machine
        self._host = host
        self._reminders = reminders

    def load(self, name: str, options: tuple[Option, ...]) -> None:
        self.units[name] = Loaded(options)

    def unload(self, name: str) -> None:
        self.stop(name)
        del self.units[name]

    def forget(self, name: str) -> None:
        """Its file was removed by hand; what runs is not touched."""
        del self.units[name]

    def load_state(self, name: str) -> str:
        no_command = unit_type(name) == "service" and not self.units[name].values(
            "Service", "ExecStart"
        )
        return "bad-setting" if no_command else "loaded"

    def start(self, name: str, now: float) -> None:
        unit = self.units[name]
        if unit.up or self.load_state(name) == "bad-setting":
            return
        self._set(name, "activating", "start")  # ends the recursion where units bind each other
        parents = self._parents(name)
        for parent in parents:
            self.start(parent, now)
        if all(self.units[parent].up for parent in parents):
            self._run(name, now)
        else:
            self._set(name, "inactive", "dead")

    def stop(self, name: str) -> None:
        """A failed unit stays failed: stopping does not reset it."""
        unit = self.units[name]
        if unit.up:
            self._host.stop(self._machine, name)
            self._set(name, "inactive", "dead")
            self._stop_bound(name)

    def exited(self, name: str, code: int) -> None:
        """The main process is gone; Restart= and RemainAfterExit= say what follows."""
        unit = self.units[name]
        if _restarts(unit, code):
            self._set(name, "activating", "auto-restart")
            delay_seconds = _seconds(unit, "RestartSec", RESTART_DELAY_SECONDS)
            self._reminders.restart_in(delay_seconds, name, unit.run)
        elif code == 0 and unit.value("Service", "RemainAfterExit").lower() in ("yes", "true", "1"):
            self._set(name, "active", "exited")
            return
        elif code == 0:
            self._set(name, "inactive", "dead")
        else:
            self._set(name, "failed", "failed")
        self._stop_bound(name)

    def crash(self, name: str) -> None:
        self._host.kill(self._machine, name)
        self.exited(name, KILLED)

    def restart(self, name: str, run: int, now: float) -> None:
        unit = self.units.get(name)
        if unit is None or unit.run != run or unit.sub != "auto-restart":
            return
        recent = tuple(at for at in unit.starts if at > now - START_LIMIT_SECONDS)
        if len(recent) >= START_LIMIT_STARTS:
            self._set(name, "failed", "failed")
        else:
            self._run(name, now)

    def start_timeout(self, name: str, run: int) -> None:
        unit = self.units.get(name)
        if unit is not None and unit.run == run and unit.sub == "start":
            self._host.kill(self._machine, name)
            self.exited(name, KILLED)

    def resume(self) -> None:
        """Start again what was running: after this process ended, nothing is."""
        for name in list(self.units):
            unit = self.units[name]
            if unit.running and not self._host.start(self._machine, name, unit.options):
                self.exited(name, 1)

    def dump(self) -> dict[str, Any]:
        return {name: to_jsonable_python(unit) for name, unit in self.units.items()}

    def restore(self, rows: dict[str, Any], shift_seconds: float) -> None:
        self.units = {name: _loaded(row, shift_seconds) for name, row in rows.items()}

    def _run(self, name: str, now: float) -> None:
        unit = self.units[name]
        recent = tuple(at for at in unit.starts if at > now - START_LIMIT_SECONDS)
        self.units[name] = replace(unit, run=unit.run + 1, starts=(*recent, now))
        if unit_type(name) != "service":
            self._set(name, "active", _SUB_WHEN_ACTIVE.get(unit_type(name), "waiting"))
            return
        self._set(name, *_state_after_start(unit))
        if not self._host.start(self._machine, name, unit.options):
            self.exited(name, 1)
        elif unit.value("Service", "Type") == "notify":  # no program here tells that it is ready
            self._watch_start(name)

    def _watch_start(self, name: str) -> None:
        unit = self.units[name]
        if unit.value("Service", "TimeoutStartSec") not in NO_TIMEOUT:
            seconds = _seconds(unit, "TimeoutStartSec", START_TIMEOUT_SECONDS)
            self._reminders.time_out_in(seconds, name, unit.run)

    def _set(self, name: str, active: str, sub: str) -> None:
        self.units[name] = replace(self.units[name], active=active, sub=sub)

    def _stop_bound(self, parent: str) -> None:
        for name in list(self.units):
            if parent in _bound_to(name, self.units[name]):
                self.stop(name)

    def _parents(self, name: str) -> list[str]:
        """Those of our own; any other unit is taken for one of the operating system's, and up."""
        return [p for p in _bound_to(name, self.units[name]) if p in self.units]


def _bound_to(name: str, unit: Loaded) -> Iterator[str]:
    for line in unit.values("Unit", "BindsTo"):
        yield from NameInfo.of(name).expand(line).split()


def _restarts(unit: Loaded, code: int) -> bool:
    policy = unit.value("Service", "Restart", default="no")
    return policy == "always" or policy == ("on-success" if code == 0 else "on-failure")


def _state_after_start(unit: Loaded) -> tuple[str, str]:
    """A oneshot activates until it has ended, a notify unit until it tells that it is ready."""
    activates = unit.value("Service", "Type") in ("oneshot", "notify")
    return ("activating", "start") if activates else ("active", "running")


def _seconds(unit: Loaded, name: str, default: float) -> float:
    span = _TIME_SPAN.fullmatch(unit.value("Service", name))
    return default if span is None else float(span[1]) * _SECONDS_OF[span[2] or "s"]


def _loaded(row: dict[str, Any], shift_seconds: float) -> Loaded:
    return Loaded(
        options=tuple(Option(**option) for option in row["options"]),
        active=row["active"],
        sub=row["sub"],
        run=row["run"],
        starts=tuple(at + shift_seconds for at in row["starts"]),
    )
