"""One etcd member or several that agree, for tests that kill them and turn them back."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.certificates import Certificate
from tests.support.etcd import EtcdServer


class EtcdCluster:
    """`send` goes to a member that runs."""

    def __init__(
        self, directory: Path, nodes: int, *options: str, tls: Certificate | None = None
    ) -> None:
        self.members = tuple(
            EtcdServer(_made(directory / f"m{number}"), *options, name=f"m{number}", tls=tls)
            for number in range(nodes)
        )
        for member in self.members:
            member.initial_cluster = ",".join(each.peer for each in self.members)

    @property
    def endpoints(self) -> tuple[str, ...]:
        return tuple(member.endpoint for member in self.members)

    def start(self, first: int = 0) -> None:
        """Every member from the first on; returns when they answer and have a leader."""
        for member in self.members[first:]:
            if not member.running:
                member.launch()
        for member in self.members[first:]:
            member.wait()

    def kill(self) -> None:
        for member in self.members:
            member.kill()

    def stop(self) -> None:
        for member in self.members:
            member.stop()

    def back_up(self, name: str) -> None:
        """The members go down for it, so that their copies agree."""
        self.kill()
        for member in self.members:
            member.back_up(name)
        self.start()

    def restore(self, name: str) -> None:
        self.kill()
        for member in self.members:
            member.restore(name)
        self.start()

    def send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, token: str = ""
    ) -> Any:
        member = next(member for member in self.members if member.running)
        return member.send(method, path, body, token)


def _made(directory: Path) -> Path:
    directory.mkdir(parents=True)
    return directory
