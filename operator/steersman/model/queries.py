"""The port Queries: what may be asked of the daemon from outside."""

from typing import Any, Protocol


class Queries(Protocol):
    """What the daemon's HTTP server and, through it, the commands may ask. Answers are JSON."""

    def resources(self, kind: str | None = None, name: str | None = None) -> dict[str, Any]:
        """NotThereError when one was named and is not."""
        ...

    def plan(self) -> dict[str, Any]:
        """The plan for everything in force, and what could not be planned."""
        ...

    def plan_with(self, documents: list[Any]) -> dict[str, Any]:
        """The plan as if these were applied, and which of them would be rejected. DocumentError:
        one does not say what it is."""
        ...

    def why(self, kind: str, name: str) -> list[dict[str, Any]]:
        """The planned steps of one resource with all gates. NotThereError: it is not."""
        ...

    async def events(
        self, since: str | None = None, ref: str | None = None
    ) -> list[dict[str, Any]]:
        """DocumentError: `since` is no duration, or `ref` no reference."""
        ...

    def alive(self) -> list[dict[str, Any]]:
        """The checks of /healthz: that the loops go round."""
        ...

    def ready(self) -> list[dict[str, Any]]:
        """The checks of /readyz: that the sources answer."""
        ...

    def metrics(self) -> bytes:
        """In Prometheus's text format."""
        ...
