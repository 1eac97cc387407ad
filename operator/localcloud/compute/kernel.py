"""What the parts of the model share: time, chance, the agenda, addresses, the state."""

import heapq
import random
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from localcloud.clock import Clock
from localcloud.compute.errors import ApiError, invalid
from localcloud.compute.state import Due, State, Timings

EXTERNAL = IPv4Network("198.18.0.0/15")  # set aside for benchmarks: never a real machine

_FIRST_HOST = 2  # .1 is the gateway
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

    def internal_address(self, wanted: str) -> str:
        """The wanted address, or the next free one: an address rests before it is used again."""
        taken = {instance.ip for instance in self.state.instances.values()}
        if wanted:
            return self._checked_address(wanted, taken)
        hosts = self.network.num_addresses - _FIRST_HOST - 1  # the last one is broadcast
        for step in range(hosts):
            host = _FIRST_HOST + (self.state.last_host - _FIRST_HOST + 1 + step) % hosts
            address = str(self.network[host])
            if address not in taken:
                self.state.last_host = host
                return address
        raise ApiError(403, "quotaExceeded", f"The range {self.network} is exhausted.")

    def external_address(self) -> str:
        """Another one at each start, and never one that is in use."""
        taken = {instance.nat_ip for instance in self.state.instances.values()}
        while True:  # ends: there are far more addresses than instances can have
            address = str(EXTERNAL[self.rng.randrange(1, EXTERNAL.num_addresses - 1)])
            if address not in taken:
                return address

    def _checked_address(self, wanted: str, taken: set[str]) -> str:
        field = "resource.networkInterfaces[0].networkIP"
        try:
            inside = IPv4Address(wanted) in self.network
        except ValueError:
            inside = False
        if not inside:
            raise invalid(field, wanted, f"Must be within the range {self.network}.")
        if wanted in taken:
            raise invalid(field, wanted, "IP is already being used by another resource.")
        return wanted
