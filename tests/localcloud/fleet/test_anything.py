"""Requests, faults and reloads in any order: fleet answers each, and can be mended in the end."""

import json
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from localcloud.fleet.api.routes import Call, NoAnswerError, answer
from localcloud.fleet.keyspace import JOBS
from localcloud.fleet.model import Fleet
from tests.localcloud.fleet.support import Town

STEPS = 400
ANSWERS = frozenset({200, 201, 204, 400, 404, 405, 409, 415, 500, 503})
MENDED_SECONDS = 120  # the longest pause of a fleetd, and the life of its old key
NAMES = ("a.service", "b@1.service", "b@.service", "g.service", "t.timer", "a.target", "a b", "é.x")
SECTIONS = ("Service", "X-Fleet", "Unit", "Install", "a]b", "", "#")
OPTIONS = (
    *("ExecStart", "Type", "Restart", "Global", "Conflicts", "MachineOf", "MachineID"),
    *("MachineMetadata", "Replaces", "BindsTo", "TimeoutStartSec", "", "a\nb", "="),
)
VALUES = (
    *("/bin/x", "oneshot", "notify", "always", "true", "a.service", "b@*.service", "[", "*"),
    *('"a=b" "c=d"', "a=b", "", "a\\\nb", "a\nb", "x" * 2100, "\ud800", "%i", "infinity"),
)
PATHS = ("units", "state", "machines", "discovery", "units/", "state/a.service", "x")
TOKENS = ("ZAACAA==", "!!!", "é", "ZAAB")
INSTANCES = ("core1", "core2", "core3", "core9")


class Chaos:
    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.town = Town(seed=seed)

    def step(self) -> None:
        doings: Sequence[tuple[float, Callable[[], None]]] = (
            (10, self.put),
            (3, self.read),
            (2, self.write_something_else),
            (8, lambda: self.town.wait(self.rng.choice((0.1, 1, 5, 30)))),
            (1, self.spoil_a_unit),
            (1, self.hurt_a_fleetd),
            (0.3, self.reload),
        )
        weights = [weight for weight, _ in doings]
        self.rng.choices([doing for _, doing in doings], weights)[0]()
        self.town.fleet.keys()

    def ask(self, method: str, path: str, body: object, **query: list[str]) -> None:
        call = Call(method, f"/fleet/v1/{path}", query, ["application/json"], self.encoded(body))
        try:
            assert answer(self.town.fleet, call).status in ANSWERS
        except NoAnswerError:
            assert path.startswith("state/")

    def encoded(self, body: object) -> bytes:
        """Now and then with a byte that does not belong there."""
        encoded = bytearray(json.dumps(body).encode())
        if self.rng.random() < 0.1:
            encoded[self.rng.randrange(len(encoded))] = self.rng.randrange(256)
        return bytes(encoded)

    def put(self) -> None:
        pick = self.rng.choice
        options = [
            {"section": pick(SECTIONS), "name": pick(OPTIONS), "value": pick(VALUES)}
            for _ in range(self.rng.randrange(4))
        ]
        state = pick(("launched", "launched", "loaded", "inactive", "bogus", ""))
        body = {"desiredState": state, "options": options}
        self.ask("PUT", f"units/{pick(NAMES)}", body)

    def read(self) -> None:
        token = [self.rng.choice(TOKENS)] if self.rng.random() < 0.2 else []
        self.ask("GET", self.rng.choice(PATHS), None, nextPageToken=token)

    def write_something_else(self) -> None:
        machine = self.rng.choice(self.town.machines).id
        change: Any = {"op": "add", "path": f"/{machine}/metadata/a", "value": {"value": "b"}}
        self.ask("PATCH", "machines", [change])
        self.ask("DELETE", f"units/{self.rng.choice(NAMES)}", None)

    def spoil_a_unit(self) -> None:
        mishaps = self.town.fleet.mishaps
        self.if_there(
            self.rng.choice((mishaps.unit_crash, mishaps.unit_stop, mishaps.corrupt_unit)),
            NAMES,
        )

    def hurt_a_fleetd(self) -> None:
        mishaps, until = self.town.fleet.mishaps, self.town.clock.now() + self.rng.choice((5, 100))
        hurts: Sequence[Callable[[str], None]] = (
            mishaps.fleetd_stop,
            mishaps.fleetd_restart,
            mishaps.fleetd_kill,
            lambda instance: mishaps.partition(instance, until),
            lambda _: mishaps.freeze_etcd(until),
            lambda _: mishaps.clear(),
            lambda _: mishaps.leader_loss(),
        )
        self.if_there(self.rng.choice(hurts), INSTANCES)

    def if_there(self, hurt: Callable[[str], None], names: Sequence[str]) -> None:
        try:
            hurt(self.rng.choice(names))
        except LookupError:
            return

    def reload(self) -> None:
        state = json.loads(json.dumps(self.town.fleet.dump()))
        self.town.fleet = Fleet(self.town.clock, self.rng, self.town.host)
        self.town.fleet.load(state)


@pytest.mark.parametrize("seed", range(6))
def test_fleet_answers_and_can_be_mended_after(seed: int) -> None:
    chaos = Chaos(seed)
    for _ in range(STEPS):
        chaos.step()
    town = chaos.town
    for name in NAMES:
        town.fleet.noticed(f"{JOBS}{name}/object", None)
    town.fleet.mishaps.clear()
    town.wait(MENDED_SECONDS)
    town.launch("fresh.service")
    town.wait(MENDED_SECONDS)
    assert len(town.fleet.machines()) == len(town.machines)
    assert [state.name for state in town.fleet.states()] == ["fresh.service"]
    assert town.state("fresh.service") == "loaded/active/running"
