"""What the models were asked to change, in order: the witness of a simulated story."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Write:
    system: str
    action: str
    target: str

    def __str__(self) -> str:
        return f"{self.system} {self.action} {self.target}"


class Journal:
    def __init__(self) -> None:
        self._writes: list[Write] = []

    def record(self, write: Write) -> None:
        self._writes.append(write)

    def take(self) -> list[str]:
        """Everything since it was taken last."""
        taken, self._writes = self._writes, []
        return [str(write) for write in taken]
