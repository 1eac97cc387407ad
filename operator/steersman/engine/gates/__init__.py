"""The gates: which steps may run now. Pure; every gate is asked, every reason is kept."""

from collections.abc import Mapping

from steersman.engine.gates import doubt, limits, order, people
from steersman.engine.gates.asked import DISRUPTIVE, EVERY, Asked, Gate
from steersman.model.kind import Verdict
from steersman.model.plan import Effect

# In the order in which people should hear of them, each with the effects that it may hold.
GATES: Mapping[str, tuple[Gate, frozenset[Effect]]] = {
    "mode": (people.mode, EVERY),
    "leader": (order.leader, EVERY),
    "records": (order.records, EVERY),
    "rewound": (doubt.rewound, EVERY),
    "paused": (people.paused, EVERY),
    "protect": (people.protect, DISRUPTIVE),
    "dependencies": (order.dependencies, frozenset({Effect.CREATE})),
    "referrers": (order.referrers, frozenset({Effect.DESTROY})),
    "pending": (order.pending, EVERY),
    "fresh": (order.fresh, EVERY),
    "plausible": (doubt.plausible, EVERY - {Effect.SECURE}),
    "fighting": (doubt.fighting, EVERY - {Effect.SECURE}),
    "guards": (order.guards, EVERY),
    "window": (people.window, DISRUPTIVE),
    "approval": (people.approval, EVERY),
    "breaker": (limits.breaker, EVERY),
    "backoff": (limits.backoff, EVERY),
    "rate": (limits.rate, EVERY),
    "budget": (limits.budget, DISRUPTIVE),
}


def judge(asked: Asked) -> tuple[Verdict, ...]:
    """What every gate that may hold the step's effect says, in the order of GATES."""
    return tuple(gate(asked) for gate, holds in GATES.values() if asked.step.effect in holds)
