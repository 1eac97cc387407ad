"""What of a World people are to notice: pauses, losses that are held, stores that went back, and
places where calls fail for everybody. Pure."""

from collections.abc import Iterator
from datetime import datetime

from steersman.engine.doubt.breaker import opened
from steersman.engine.requests import acknowledged, told
from steersman.model.hold import Hold
from steersman.model.notice import CIRCUIT, HOLD, PAUSE, Notice
from steersman.model.requests import Verb, asking
from steersman.model.world import World


def notices(world: World, now: datetime) -> Iterator[Notice]:
    """The widest pauses first."""
    pauses = asking(world.requests, Verb.PAUSE, now)
    for each in sorted(pauses, key=lambda each: str(each.scope).count("/")):
        yield Notice(PAUSE, str(each.scope), told(each), each.until)
    for rewound in world.rewound.values():
        yield Notice(HOLD, rewound.name, rewound.message)
    for hold in world.holds.values():
        if hold.in_force(now) and not acknowledged(world, hold.name, now):
            yield _held(hold, now)
    for circuit, breaker in opened(world.circuits).items():
        message = f"{circuit} fails for everybody: {breaker.reason}"
        yield Notice(CIRCUIT, str(circuit), message, breaker.until)


def _held(hold: Hold, now: datetime) -> Notice:
    message = f"{hold.message} (steersman acknowledge {hold.name})"
    return Notice(HOLD, hold.name, message, hold.until if now < hold.until else None)
