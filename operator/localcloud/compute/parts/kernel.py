"""What the parts of the model share: time, chance, the agenda, the state."""

import heapq
import random
from collections.abc import Iterator
from ipaddress import IPv4Network

from localcloud.clock import Clock
from localcloud.compute.state import Due, Resources, State, Timings

_ID_RANDOM_BITS = 40
_ID_OFFSET = 1 << 20  # ids look like Google's: nineteen digits from the first one on


class Kernel:
    def __init__(
        self, clock: Clock, rng: random.Random, network: IPv4Network, timings: Timings
    ) -> None:
        self.clock = clock
        self.rng = rng
        self.network = network
        self.timings = timings
        self.state = State()

    def now(self) -> float:
        return self.clock.now()

    def new_id(self) -> str:
        """Unique over restarts too, whatever the seed: the serial number is in front."""
        self.state.serial += 1
        serial = self.state.serial + _ID_OFFSET
        return str((serial << _ID_RANDOM_BITS) + self.rng.getrandbits(_ID_RANDOM_BITS))

    def hex(self, digits: int) -> str:
        return f"{self.rng.getrandbits(4 * digits):0{digits}x}"

    def schedule(self, after_seconds: float, event: str, operation: str) -> None:
        self.state.serial += 1
        due = Due(self.now() + after_seconds, self.state.serial, event, operation)
        heapq.heappush(self.state.agenda, due)

    def pop_due(self) -> Iterator[Due]:
        """What is due by now, in order, including what is scheduled meanwhile."""
        now = self.now()
        while self.state.agenda and self.state.agenda[0].at <= now:
            yield heapq.heappop(self.state.agenda)

    def next_due(self) -> float | None:
        return self.state.agenda[0].at if self.state.agenda else None

    def snapshot(self) -> Resources:
        """The resources as they are; they are immutable, so the tables of them are enough."""
        state = self.state
        return Resources(
            dict(state.instances), dict(state.disks), dict(state.addresses), dict(state.firewalls)
        )

    def restore(self, resources: Resources) -> None:
        self.state.instances = resources.instances
        self.state.disks = resources.disks
        self.state.addresses = resources.addresses
        self.state.firewalls = resources.firewalls
