"""The witness of a story: what was written to the outside, by the cloud's own journal, and what
the operator says that it did, which tells of the keys in etcd, too."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.scenarios.cloud import LocalCloud
from tests.scenarios.looking import until

HEAL_SECONDS = 200.0  # most is over within forty, on a machine that does nothing else
LOOKS_SECONDS = 2.5  # every informer looks at least once: whatever is too much shows up in it
OPERATOR = "steersman/"


class Witness:
    """Remembers since when. What was written before does not count."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._cloud = cloud
        self._lines = len(cloud.journal())
        self._last_event = max((each["id"] for each in cloud.events()), default="")

    def writes(self) -> list[str]:
        """`fleet loaded jenkins.service`, in order; faults are not among them."""
        return writes(self._cloud.journal()[self._lines :])

    def steps(self) -> list[str]:
        """`Register keys:/services/elasticsearch/127.20.0.3`, in order. Each is told a moment
        after it is done."""
        return [f"{each['action']} {each['target']}" for each in self._new() if each["action"]]

    def _new(self) -> Iterator[Mapping[str, Any]]:
        return (each for each in self._cloud.events() if each["id"] > self._last_event)


@contextmanager
def healing(cloud: LocalCloud, *expected: str) -> Iterator[Witness]:
    """What is done in the block heals with exactly these writes, in this order for each target;
    then everything is ready."""
    witness = Witness(cloud)
    yield witness
    until(lambda: len(witness.writes()) >= len(expected), HEAL_SECONDS, witness.writes)
    until(cloud.ready, HEAL_SECONDS, cloud.not_ready)
    time.sleep(LOOKS_SECONDS)
    until(cloud.ready, HEAL_SECONDS, cloud.not_ready)
    assert by_target(witness.writes()) == by_target(expected)


def by_target(told: Iterable[str]) -> dict[str, list[str]]:
    """What happened to each, in order; the order between two does not matter."""
    found: dict[str, list[str]] = {}
    for each in told:
        found.setdefault(each.rpartition(" ")[2], []).append(each)
    return found


def writes(journal: Iterable[Mapping[str, Any]]) -> list[str]:
    """Those of the operator, as `compute insert core1`."""
    ours = (each for each in journal if each["caller"].startswith(OPERATOR))
    return [f"{each['system']} {each['action']} {_name(each)}" for each in ours]


def _name(entry: Mapping[str, Any]) -> str:
    return str(entry["target"]).rpartition("/")[2]
