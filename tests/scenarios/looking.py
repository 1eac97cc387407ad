"""Looking at something real until it is as it should be, with a deadline."""

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

POLL_SECONDS = 0.2
REQUEST_SECONDS = 5.0


def until(condition: Callable[[], bool], seconds: float, told: Callable[[], object]) -> None:
    """TimeoutError says what there is instead. Whoever does not answer is asked again."""
    deadline = time.monotonic() + seconds
    while not _holds(condition):
        if time.monotonic() > deadline:
            msg = f"not within {seconds:.0f} s: {told()}"
            raise TimeoutError(msg)
        time.sleep(POLL_SECONDS)


def get_json(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=REQUEST_SECONDS) as answer:
        return json.loads(answer.read())


def _holds(condition: Callable[[], bool]) -> bool:
    try:
        return condition()
    except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError):
        return False
