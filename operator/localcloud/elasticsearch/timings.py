"""How long things take; a name ends in its unit."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timings:
    start_seconds: float = 1.0  # from the start of the process to an open port
    ping_min_seconds: float = 1.0  # how long a node without a master looks for one
    ping_max_seconds: float = 3.0
    fault_detection_seconds: float = 9.0  # until a silent node is given up; 30 to 90 in earnest
    recovery_seconds: float = 1.0  # until a shard has started on its node
    replica_delay_seconds: float = 60.0  # how long a lost replica waits for its node to return
