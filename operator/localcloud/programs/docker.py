"""The docker client: the image of a `docker run` chooses the behaviour from a table."""

from collections.abc import Callable, Mapping, Sequence

from localcloud.programs.container import Container, container
from localcloud.programs.elasticsearch import elasticsearch
from localcloud.programs.interpreter import Becomes, Output, Shell
from localcloud.programs.program import FOREVER, Program

Behaviour = Callable[[Container, Mapping[str, str]], Program]

# by the beginning of the image's last path segment
BEHAVIOURS: Mapping[str, Behaviour] = {
    "elasticsearch": elasticsearch,
    "opensearch": elasticsearch,
}


def docker(shell: Shell, words: Sequence[str], given: str) -> Output:
    match words:
        case ["run", *arguments]:
            return _run(shell, container(arguments))
        case ["kill" | "rm" | "stop", *_]:
            return Output(code=1)  # no container outlives its unit here
    return Output()


def _run(shell: Shell, started: Container) -> Output:
    if started.detached:
        return Output()  # the client comes back at once, and the unit's process is the client
    for prefix, behaviour in BEHAVIOURS.items():
        if started.name.startswith(prefix):
            raise Becomes(behaviour(started, shell.files))
    output = shell.command(started.command) if started.command else Output(lasting=True)
    if output.lasting:
        raise Becomes(FOREVER)
    return output
