"""The search for garbage in cycles: what stays for long is not looked through again and again.

Ten thousand documents are a million objects. To look through all of them takes a third of a
second in which nothing else is done, and Python would do it every few seconds: each reading of
fleet makes enough that is new. So what has outlived a round is set aside, and the search among what
is young, after a few of which Python looks through everything, comes less often than by default.
"""

import asyncio
import gc
from itertools import count

ROUND_SECONDS = 5.0
YOUNG_MAX = 10_000  # objects; by default, 700
FULL_ROUND = 720  # every so many rounds, once an hour, what was set aside is looked through, too


async def tend() -> None:
    """Until cancelled."""
    gc.set_threshold(YOUNG_MAX, *gc.get_threshold()[1:])
    for number in count(1):
        await asyncio.sleep(ROUND_SECONDS)
        search(everything=number % FULL_ROUND == 0)


def search(*, everything: bool) -> None:
    """Take garbage away, and set aside what is left."""
    if everything:
        gc.unfreeze()
    gc.collect()
    gc.freeze()
