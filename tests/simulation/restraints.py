"""What a document may forbid the operator for a while."""

import json
import random
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.simulation.script import Happening

PROTECT = "steersman/protect"
HOUR_MINUTES = 60
WINDOW_MINUTES = (5, 30)  # of each hour
SHARE = 0.4  # of all stories
FIRST_SECONDS = 150.0
MEAN_SECONDS = 120.0  # from one to the next
LASTS_SECONDS = (60.0, 600.0)
PLACES = ("annotations", "policy")  # in the metadata

Metadata = Mapping[str, Any]


def restrains(rng: random.Random, paths: tuple[str, ...], seconds: float) -> Iterator[Happening]:
    """What documents forbid for a while, in some stories."""
    if rng.random() >= SHARE:
        return
    at = FIRST_SECONDS + rng.expovariate(1 / MEAN_SECONDS)
    while at < seconds:
        lasts = round(rng.uniform(*LASTS_SECONDS), 1)
        text = json.dumps(_drawn(rng))
        yield Happening(at, "restrain", rng.choice(paths), seconds=lasts, text=text)
        at += rng.expovariate(1 / MEAN_SECONDS)


def restrained(text: str, restraint: Metadata | None) -> str:
    """A document that forbids just that."""
    document = json.loads(text)
    if not restraint and not is_restrained(document):
        return text
    metadata = document.get("metadata", {})
    others = {name: value for name, value in metadata.items() if name not in PLACES}
    return json.dumps({**document, "metadata": {**others, **(restraint or {})}})


def is_restrained(document: Mapping[str, Any]) -> bool:
    return any(place in document.get("metadata", {}) for place in PLACES)


def protects(metadata: Metadata) -> bool:
    return bool(metadata.get("annotations", {}).get(PROTECT) == "true")


def observes(metadata: Metadata) -> bool:
    return bool(_policy(metadata, "mode") == "observe")


def asks(metadata: Metadata) -> bool:
    return bool(_policy(metadata, "approval") == "ask")


def shuts(metadata: Metadata, now: datetime) -> bool:
    """Whether there is a window, and it is shut."""
    window = _policy(metadata, "window")
    if window is None:
        return False
    opened = int(window["cron"].split()[0])
    return (now.minute - opened) % HOUR_MINUTES >= int(window["minutes"])


def shuts_for_a_while(metadata: Metadata, now: datetime, seconds: float) -> bool:
    """Since so many seconds, too."""
    return shuts(metadata, now) and shuts(metadata, now - timedelta(seconds=seconds))


def _policy(metadata: Metadata, name: str) -> Any:
    return metadata.get("policy", {}).get(name)


def _drawn(rng: random.Random) -> Metadata:
    least, most = WINDOW_MINUTES
    opens = {"cron": f"{rng.randrange(HOUR_MINUTES)} * * * *", "minutes": rng.randint(least, most)}
    return rng.choice(
        (
            {"annotations": {PROTECT: "true"}},
            {"policy": {"mode": "observe"}},
            {"policy": {"approval": "ask"}},
            {"policy": {"window": opens}},
            {"policy": {"window": opens}},
        )
    )
