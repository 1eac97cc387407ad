"""What the tests of the local cloud share: the units of the story, and a store of keys."""

from pathlib import Path

from localcloud.fleet.units.unitfile import parse
from localcloud.seams import Option, UnreachableError

DATA = Path(__file__).parent / "data"
CORE_USER_DATA = (DATA / "core.cloud-config.yaml").read_text()
DISCOVERY_USER_DATA = (DATA / "discovery.cloud-config.yaml").read_text()


def unit_options(name: str) -> tuple[Option, ...]:
    return parse((DATA / name).read_text())


def service_options(*lines: str) -> tuple[Option, ...]:
    return parse("\n".join(["[Service]", *lines]) + "\n")


class FakeKeys:
    """seams.Keys over a dictionary; a directory stays when its last key goes, as in etcd v2."""

    def __init__(self, values: dict[str, str] | None = None) -> None:
        self.values = dict(values or {})
        self.ttls: dict[str, float | None] = {}  # as they were given; nothing expires here
        self.directories = {"/services", "/configs"}
        self.reachable = True

    def put(self, key: str, value: str, ttl_seconds: float | None = None) -> None:
        self._reach()
        self.values[key] = value
        self.ttls[key] = ttl_seconds
        self.directories.add(key.rpartition("/")[0])

    def remove(self, key: str) -> bool:
        self._reach()
        return self.values.pop(key, None) is not None

    def get(self, key: str) -> str | None:
        self._reach()
        return self.values.get(key)

    def leaves(self, directory: str) -> list[str] | None:
        self._reach()
        prefix = f"{directory.rstrip('/')}/"
        found = [key.removeprefix(prefix) for key in self.values if key.startswith(prefix)]
        return found if found or directory in self.directories else None

    def _reach(self) -> None:
        if not self.reachable:
            raise UnreachableError
