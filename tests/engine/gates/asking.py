"""Asking a single gate."""

from datetime import datetime

from steersman.engine.gates import GATES
from steersman.engine.gates.asked import Asked
from steersman.engine.ledger import Ledger
from steersman.model.kind import Verdict
from steersman.model.memory import Backoff, Memory
from steersman.model.plan import Effect, Step, Target
from steersman.model.requests import Request
from steersman.model.resource import Key
from steersman.model.world import World
from tests.engine.builders import NOW, A, after
from tests.engine.toy import KINDS

TARGET = Target("compute", "a")


def asked(
    world: World, step: Step, *, ledger: Ledger | None = None, actions_per_hour: int = 3
) -> Asked:
    return Asked(step, world, ledger or Ledger(), KINDS, actions_per_hour, NOW)


def ask(gate: str, question: Asked) -> Verdict:
    return GATES[gate][0](question)


def in_backoff(
    effect: Effect, until: datetime, *, failed_at: datetime | None = None
) -> dict[Key, Memory]:
    known = Backoff(3, until, "503", failed_at or after(-1))
    return {A: Memory(backoff={f"{TARGET} {effect}": known})}


def requests(*made: Request) -> dict[str, Request]:
    return {each.id: each for each in made}
