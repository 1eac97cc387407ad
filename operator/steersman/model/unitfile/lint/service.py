"""Rules about what systemd does with the unit."""

import re
from collections.abc import Iterator, Mapping

from steersman.model.unitfile.lint.command import Command, arguments
from steersman.model.unitfile.lint.source import Hit, Source

ENDLESS = frozenset({"0", "infinity"})
# What systemd or the shell sets by itself.
_PROVIDED = re.compile(
    r"HOME|USER|LOGNAME|SHELL|PATH|LANG|MAINPID|INVOCATION_ID|NOTIFY_SOCKET|LISTEN_FDS|LISTEN_PID"
    r"|PWD|OLDPWD|HOSTNAME|UID|EUID|PPID|RANDOM|SECONDS|LINENO|IFS|BASH"
)
_TIME_LIMIT = re.compile(r"--max-time|-[A-Za-z]*m")
_USED = re.compile(r"(?<![\\$])\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")
_SET = re.compile(r"(?:^|[\s;&|'\"({])([A-Za-z_]\w*)=")
_LOOPED = re.compile(r"\b(?:for|read)\s+(?:-\w+\s+)*([A-Za-z_]\w*)")


def no_command(source: Source) -> Iterator[Hit]:
    if source.name.endswith(".service") and not source.given("Service", "ExecStart"):
        yield 1, "without ExecStart systemd does not load it"


def endless_start(source: Source) -> Iterator[Hit]:
    for each in source.given("Service", "TimeoutStartSec", "TimeoutSec")[-1:]:
        if each.option.value.lower() in ENDLESS:
            yield each.line, "a start that hangs, say on a registry, hangs for ever"


def endless_request(source: Source) -> Iterator[Hit]:
    for command in source.commands:
        for call in command.calls:
            words = arguments(call, "curl")
            if words is not None and not any(_TIME_LIMIT.match(word) for word in words):
                said = "waits for minutes for a host that does not answer: curl --max-time SECONDS"
                yield command.line_of("curl"), said
                break


def unset_variable(source: Source) -> Iterator[Hit]:
    """With an EnvironmentFile nobody knows what is set."""
    if source.given("Service", "EnvironmentFile"):
        return
    given = _environment(source)
    for command in source.commands:
        known = given | {*_SET.findall(command.text), *_LOOPED.findall(command.text)}
        for name, line in _used(command).items():
            if name not in known and not _PROVIDED.fullmatch(name):
                yield line, f"nothing sets {name}: neither Environment nor an EnvironmentFile"


def unordered_binding(source: Source) -> Iterator[Hit]:
    after = {word for each in source.given("Unit", "After") for word in each.option.value.split()}
    for each in source.given("Unit", "BindsTo"):
        for other in each.option.value.split():
            if other not in after:
                yield each.line, f"may start before {other}: add After={other}"


def abandoned_sidekick(source: Source) -> Iterator[Hit]:
    for each in source.given("Unit", "BindsTo"):
        yield each.line, f"goes down with {each.option.value} and does not come back with it"


def install_section(source: Source) -> Iterator[Hit]:
    for each in source.options:
        if each.option.section == "Install":
            yield each.line, "fleet says when it starts: with [Install], systemd does so, too"
            return


def unordered_docker(source: Source) -> Iterator[Hit]:
    ordered = " ".join(each.option.value for each in source.given("Unit", "After"))
    uses = [each for each in source.commands if re.search(r"(?:^|[\s/])docker\s", each.text)]
    if uses and "docker." not in ordered:
        yield uses[0].placed.line, "uses docker, and may start before it: add After=docker.service"


def _used(command: Command) -> Mapping[str, int]:
    """Each variable, and the line where it stands first."""
    lines: dict[str, int] = {}
    texts = command.placed.option.value.split("\n")
    for number, text in enumerate(texts, start=command.placed.line):
        for braced, plain in _USED.findall(text):
            lines.setdefault(braced or plain, number)
    return lines


def _environment(source: Source) -> frozenset[str]:
    lines = source.given("Service", "Environment", "PassEnvironment")
    passed = (each.option.value for each in lines if each.option.name == "PassEnvironment")
    names = [name for each in lines for name in _SET.findall(each.option.value)]
    return frozenset([*names, *" ".join(passed).split()])
