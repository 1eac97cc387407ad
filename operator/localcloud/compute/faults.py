"""What can go wrong in Compute Engine."""

from typing import TYPE_CHECKING

from localcloud.fault import FOR, Fault, Parameter

if TYPE_CHECKING:  # the command lists the faults, and must not load the model for that
    from localcloud.compute.model import Compute

COUNT_MAX = 1_000_000
DELAY_SECONDS_MAX = 600.0
LIMIT_MAX = 1e9

_INSTANCE = Parameter("name", "Name of an instance, in whatever zone, or its id.")
_ZONE = Parameter("zone", "Name of a zone.", option="--zone")
_TYPE = Parameter(
    "machine_type", "Name of a machine type; every type when left out.", option="--type", default=""
)
_NEXT = Parameter(
    "count", "How many.", int, option="--next", default=1, minimum=1, maximum=COUNT_MAX
)
_DELAY = Parameter(
    "delay", "Seconds that it takes longer.", float, minimum=0, maximum=DELAY_SECONDS_MAX
)

_OF_INSTANCES: tuple[Fault["Compute"], ...] = (
    Fault(
        "node-crash",
        "The host of an instance dies, and the instance is TERMINATED until somebody starts it.",
        (_INSTANCE,),
        lambda compute, a: compute.mishaps.crash(a.name),
    ),
    Fault(
        "host-error",
        "The host of an instance dies: REPAIRING, and RUNNING again when it restarts by itself.",
        (_INSTANCE,),
        lambda compute, a: compute.mishaps.host_error(a.name),
    ),
    Fault(
        "node-hang",
        "An instance stays RUNNING, but nothing on it answers until it boots again.",
        (_INSTANCE,),
        lambda compute, a: compute.mishaps.hang(a.name),
    ),
    Fault(
        "boot-hang",
        "The next boots never come up: RUNNING, and only the serial port tells what is wrong.",
        (_NEXT,),
        lambda compute, a: compute.mishaps.hang_boots(a.count),
    ),
    Fault(
        "preempt",
        "An instance is taken away, as preemptible ones are: a system event stops or deletes it.",
        (_INSTANCE,),
        lambda compute, a: compute.mishaps.preempt(a.name),
    ),
    Fault(
        "instance-delete",
        "Somebody else deletes an instance.",
        (_INSTANCE,),
        lambda compute, a: compute.mishaps.vanish(a.name),
    ),
    Fault(
        "delete-hang",
        "Instances that are deleted stay STOPPING, and their names taken, for some seconds.",
        (FOR,),
        lambda compute, a: compute.mishaps.hang_deletions(compute.now() + a.seconds),
    ),
    Fault(
        "edit-labels",
        "Somebody else sets a label of an instance.",
        (
            _INSTANCE,
            Parameter("key", "Name of the label."),
            Parameter("value", "Its value from now on."),
        ),
        lambda compute, a: compute.mishaps.edit_labels(a.name, a.key, a.value),
    ),
    Fault(
        "nat-ip",
        "The address that an instance has in the internet changes while it runs.",
        (_INSTANCE,),
        lambda compute, a: compute.mishaps.change_nat_ip(a.name),
    ),
)

_OF_THE_PROJECT: tuple[Fault["Compute"], ...] = (
    Fault(
        "edit-firewall",
        "Somebody else opens a firewall for everything and everybody, or disables one that denies.",
        (Parameter("name", "Name of a firewall; the newest when left out.", default=""),),
        lambda compute, a: compute.mishaps.edit_firewall(a.name),
    ),
    Fault(
        "stockout",
        "A zone has no room for new instances, which their operations tell, for some seconds.",
        (_ZONE, _TYPE, FOR),
        lambda compute, a: compute.mishaps.stockout(
            a.zone, a.machine_type or None, compute.now() + a.seconds
        ),
    ),
    Fault(
        "zone-unreachable",
        "A zone answers 503, and aggregated lists do not know what it holds, for some seconds.",
        (_ZONE, FOR),
        lambda compute, a: compute.mishaps.zone_unreachable(a.zone, compute.now() + a.seconds),
    ),
    Fault(
        "quota",
        "A quota of the project, and of each region, is lowered or raised until `clear`.",
        (
            Parameter(
                "metric",
                "CPUS, INSTANCES, IN_USE_ADDRESSES, FIREWALLS and the like; or requests a minute: "
                "ReadGroup, ListGroup, OperationReadGroup, HeavyWeightReadGroup, DefaultGroup.",
            ),
            Parameter("limit", "What it allows from now on.", float, minimum=0, maximum=LIMIT_MAX),
        ),
        lambda compute, a: compute.mishaps.quota(a.metric, a.limit),
    ),
)

_OF_THE_API: tuple[Fault["Compute"], ...] = (
    Fault(
        "rate-limit",
        "Compute Engine refuses every request as one too many (403) for some seconds.",
        (FOR,),
        lambda compute, a: compute.mishaps.rate_limit(compute.now() + a.seconds),
    ),
    Fault(
        "burst-503",
        "Compute Engine answers 503 to every request for some seconds.",
        (FOR,),
        lambda compute, a: compute.mishaps.burst_503(compute.now() + a.seconds),
    ),
    Fault(
        "latency",
        "Answers of Compute Engine come late, by the wall clock, for some seconds.",
        (_DELAY, FOR),
        lambda compute, a: compute.mishaps.late(a.delay, compute.now() + a.seconds),
    ),
    Fault(
        "op-duration",
        "Operations that begin in the next seconds take longer.",
        (_DELAY, FOR),
        lambda compute, a: compute.mishaps.slow(a.delay, compute.now() + a.seconds),
    ),
    Fault(
        "lost-reply",
        "The next writes to Compute Engine are carried out, but nobody gets an answer.",
        (_NEXT,),
        lambda compute, a: compute.mishaps.lose_replies(a.count),
    ),
    Fault(
        "op-lost",
        "The next operations do their work, but whoever asks for them is told 404.",
        (_NEXT,),
        lambda compute, a: compute.mishaps.lose_operations(a.count),
    ),
    Fault(
        "op-error",
        "The next operations change nothing, and end in an error without an HTTP status.",
        (_NEXT,),
        lambda compute, a: compute.mishaps.fail_operations(a.count),
    ),
    Fault(
        "stale-list",
        "Lists of instances show what was there before, for some seconds.",
        (FOR,),
        lambda compute, a: compute.mishaps.stale_list(compute.now() + a.seconds),
    ),
)

FAULTS = (*_OF_INSTANCES, *_OF_THE_PROJECT, *_OF_THE_API)
