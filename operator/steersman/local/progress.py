"""Progress: what is not ready yet, on one line of a terminal, or a line a change elsewhere."""

import sys
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.status import Status


class Progress:
    """Prints lines as things become ready; on a terminal the rest is a line that moves."""

    def __init__(self) -> None:
        self._console = Console(file=sys.stdout, highlight=False)
        self._status: Status | None = None
        self._said: dict[str, str] = {}

    def line(self, text: str) -> None:
        self._console.print(text, soft_wrap=True)

    def show(self, messages: Mapping[str, str]) -> None:
        """The message of every resource, by `kind/name`; only changes are told."""
        for key, message in messages.items():
            if self._said.get(key) != message:
                self._said[key] = message
                if not self._console.is_terminal:
                    self.line(f"  {key}: {message}")
        if self._console.is_terminal:
            waiting = "  ".join(f"{key}: {message}" for key, message in messages.items())
            self._moving(waiting)

    def done(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None

    def _moving(self, text: str) -> None:
        if self._status is None:
            self._status = self._console.status(text)
            self._status.start()
        self._status.update(text)


def not_ready(listing: Mapping[str, Any]) -> Mapping[str, str]:
    """Why each resource that is not ready is so, from the API's list."""
    return {
        f"{item['kind']}/{item['metadata']['name']}": message
        for item in listing["items"]
        for message in [_not_ready(item)]
        if message
    }


def _not_ready(item: Mapping[str, Any]) -> str | None:
    conditions = item["status"].get("conditions", ())
    ready = next((each for each in conditions if each["type"] == "Ready"), None)
    if ready is None:
        return "not looked at yet"
    return None if ready["status"] == "True" else ready["message"] or ready["reason"]
