"""A `docker run` command line as data."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

# options of `docker run` that stand alone; every other one takes a value
_FLAGS = frozenset(
    {"-d", "--detach", "-i", "--interactive", "-t", "--tty", "-it", "-ti", "--rm", "--privileged"}
    | {"-P", "--publish-all", "--read-only", "--init", "--no-healthcheck"}
)
_LONG_NAMES = {
    "-p": "--publish",
    "-v": "--volume",
    "-d": "--detach",
    "-e": "--env",
    "--net": "--network",
}

Options = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Container:
    """`ports` and `volumes` go from the container's side to the machine's."""

    image: str
    command: tuple[str, ...]
    ports: Mapping[int, int]
    volumes: Mapping[str, str]
    on_host_network: bool
    detached: bool
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The image's last path segment without its tag."""
        return self._name_and_tag[0]

    @property
    def tag(self) -> str:
        return self._name_and_tag[1]

    @property
    def _name_and_tag(self) -> tuple[str, str]:
        name, *tag = re.split(r"[:@]", self.image.rpartition("/")[2], maxsplit=1)
        return name, "".join(tag)

    def host_port(self, port: int) -> int | None:
        return port if self.on_host_network else self.ports.get(port)

    def host_path(self, path: str) -> str | None:
        """Where a path of the container lies on the machine's disk, if it is mounted."""
        for inside, outside in self.volumes.items():
            root = inside.rstrip("/")
            if path == inside or path.startswith(f"{root}/"):
                return outside.rstrip("/") + path[len(root) :]
        return None


def container(arguments: Sequence[str]) -> Container:
    options, rest = _split(arguments)
    return Container(
        image=rest[0] if rest else "",
        command=tuple(rest[1:]),
        ports=dict(_ports(options)),
        volumes=dict(_volume(value) for name, value in options if name == "--volume"),
        on_host_network=("--network", "host") in options,
        detached=any(name == "--detach" for name, _ in options),
        environment=dict(value.split("=", 1) for name, value in options if _sets(name, value)),
    )


def _split(arguments: Sequence[str]) -> tuple[Options, list[str]]:
    """The options before the image, and what follows them."""
    options: list[tuple[str, str]] = []
    rest = list(arguments)
    while rest and rest[0].startswith("-"):
        name, equals, value = rest.pop(0).partition("=")
        if not equals and name not in _FLAGS and rest:
            value = rest.pop(0)
        options.append((_LONG_NAMES.get(name, name), value))
    return options, rest


def _ports(options: Options) -> Iterator[tuple[int, int]]:
    """`[IP:]HOST:CONTAINER[/tcp]`, or the container's port alone."""
    for name, value in options:
        numbers = [part for part in value.partition("/")[0].split(":") if part.isdecimal()]
        if name == "--publish" and numbers:
            yield int(numbers[-1]), int(numbers[0])


def _sets(name: str, value: str) -> bool:
    """A variable that is only named comes from the client's own environment, where it is not."""
    return name == "--env" and "=" in value


def _volume(value: str) -> tuple[str, str]:
    """`HOST:CONTAINER[:ro]`."""
    outside, _, inside = value.partition(":")
    return inside.partition(":")[0] or outside, outside
