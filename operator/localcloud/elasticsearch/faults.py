"""What can go wrong in Elasticsearch."""

from typing import TYPE_CHECKING

from localcloud.fault import FOR, Fault, Parameter

if TYPE_CHECKING:  # the command lists the faults, and must not load the model for that
    from localcloud.elasticsearch.model import Elasticsearch

SLOW_SECONDS_MAX = 600.0

_NODE = Parameter("name", "Name of an Elasticsearch node that runs, or its address.")
_OTHER = Parameter("other", "Another node.")
_DELAY = Parameter(
    "delay", "Seconds that each answer takes longer.", float, minimum=0, maximum=SLOW_SECONDS_MAX
)

_OF_LINKS: tuple[Fault["Elasticsearch"], ...] = (
    Fault(
        "es-split",
        "No packet goes between two nodes, in either direction, until it is cleared.",
        (_NODE, _OTHER),
        lambda es, a: es.mishaps.split(a.name, a.other),
    ),
    Fault(
        "es-isolate",
        "No packet goes between a node and any other, though clients reach it, until cleared.",
        (_NODE,),
        lambda es, a: es.mishaps.isolate(a.name),
    ),
    Fault(
        "es-stale",
        "A node takes over no cluster state that its master publishes, for some seconds.",
        (_NODE, FOR),
        lambda es, a: es.mishaps.stale(a.name, es.now() + a.seconds),
    ),
)
_OF_NODES: tuple[Fault["Elasticsearch"], ...] = (
    Fault(
        "es-pause",
        "A node stands still, as in a long garbage collection: neither clients nor other nodes"
        " get an answer, and the others give it up in time.",
        (_NODE, FOR),
        lambda es, a: es.mishaps.pause(a.name, es.now() + a.seconds),
    ),
    Fault(
        "es-hang",
        "A node accepts HTTP connections and answers none for some seconds; the other nodes see"
        " nothing of it.",
        (_NODE, FOR),
        lambda es, a: es.mishaps.hang(a.name, es.now() + a.seconds),
    ),
    Fault(
        "es-slow",
        "A node answers HTTP requests late, for some seconds.",
        (_NODE, _DELAY, FOR),
        lambda es, a: es.mishaps.slow(a.name, a.delay, es.now() + a.seconds),
    ),
    Fault(
        "es-reset",
        "A node breaks HTTP connections off in the middle of its answers, for some seconds.",
        (_NODE, FOR),
        lambda es, a: es.mishaps.reset(a.name, es.now() + a.seconds),
    ),
    Fault(
        "es-wipe",
        "The files of a node's data path are lost; it shows when the node starts again.",
        (_NODE,),
        lambda es, a: es.mishaps.wipe(a.name),
    ),
)

FAULTS: tuple[Fault["Elasticsearch"], ...] = (*_OF_LINKS, *_OF_NODES)
