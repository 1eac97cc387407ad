"""Documents that ask for much less than before, and a person who allows it."""

import json
import random
from collections.abc import Iterator

from tests.simulation.script import Happening

UNIT = "/desired/unit/web"
LESS = ({"instances": 1}, {"desiredState": "inactive"}, {"desiredState": "loaded"})
SHARE = 0.1  # of all stories
FIRST_SECONDS = 180.0
MEAN_SECONDS = 300.0  # from one to the next
ANSWER_SECONDS = (20.0, 60.0)


def cutbacks(rng: random.Random, seconds: float) -> Iterator[Happening]:
    """In some stories, again and again."""
    if rng.random() >= SHARE:
        return
    at = FIRST_SECONDS + rng.expovariate(1 / MEAN_SECONDS)
    while at < seconds:
        yield Happening(at, "cut-back", UNIT, text=json.dumps(rng.choice(LESS)))
        yield Happening(at + rng.uniform(*ANSWER_SECONDS), "answer")
        at += rng.expovariate(1 / MEAN_SECONDS)
