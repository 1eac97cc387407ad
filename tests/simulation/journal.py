"""What the models were asked to change, in order: the witness of a simulated story."""

from tests.simulation.network import Delivery

OUTSIDE = frozenset({"compute", "fleet"})


class Journal:
    """Of the cloud; what is written to the stores can be read there."""

    def __init__(self) -> None:
        self._writes: list[str] = []

    def sends(self, delivery: Delivery) -> None:
        pass

    def arrives(self, delivery: Delivery) -> None:
        pass

    def applied(self, delivery: Delivery) -> None:
        if delivery.write.system in OUTSIDE:
            self._writes.append(str(delivery.write))

    def answered(self, delivery: Delivery) -> None:
        pass

    def read(self, party: str, system: str, sent_at: float) -> None:
        pass

    def take(self) -> list[str]:
        """Everything since it was taken last."""
        taken, self._writes = self._writes, []
        return taken
