"""The engine's part of /metrics; what fleetd tells of its own Go process is not made up."""

from collections.abc import Iterator

from localcloud.fleet.parts.engine import Engine

_EXPONENT_FROM = 1_000_000  # Go writes larger numbers with an exponent


def text(engine: Engine) -> str:
    return "".join(f"{line}\n" for line in _lines(engine))


def _lines(engine: Engine) -> Iterator[str]:
    if engine.led_since is not None:
        yield from _family(
            "leader_start_time",
            "gauge",
            "Start time of becoming an engine leader since epoch in seconds.",
        )
        yield f"fleet_engine_leader_start_time {_number(int(engine.led_since))}"
    yield from _family("reconcile_count_total", "counter", "Counter of reconcile rounds.")
    yield f"fleet_engine_reconcile_count_total {_number(engine.rounds)}"
    if engine.tasks:
        yield from _family("task_count_total", "counter", "Counter of engine schedule tasks.")
    for task, count in sorted(engine.tasks.items()):
        yield f'fleet_engine_task_count_total{{type="{task}"}} {_number(count)}'


def _family(name: str, kind: str, help_: str) -> Iterator[str]:
    yield f"# HELP fleet_engine_{name} {help_}"
    yield f"# TYPE fleet_engine_{name} {kind}"


def _number(value: int) -> str:
    if value < _EXPONENT_FROM:
        return str(value)
    digits = str(value)
    fraction = digits[1:].rstrip("0")
    return f"{digits[0]}{'.' if fraction else ''}{fraction}e+{len(digits) - 1:02}"
