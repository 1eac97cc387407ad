"""The gates for what is in doubt: stores that went back, losses too large to be true, fields that
somebody else wants."""

from steersman.engine.doubt import fights
from steersman.engine.doubt import plausible as plausibility
from steersman.engine.gates.asked import Asked, passed, wait
from steersman.model.kind import Verdict


def rewound(asked: Asked) -> Verdict:
    for each in asked.world.rewound.values():
        return wait("rewound", "StoreRewound", each.message)
    return passed("rewound")


def plausible(asked: Asked) -> Verdict:
    return plausibility.plausible(asked.step, asked.kinds, asked.world, asked.now)


def fighting(asked: Asked) -> Verdict:
    return fights.fighting(asked.step, asked.kinds, asked.world, asked.now)
