"""A script from a seed: documents, edits, and faults of everything that can fail."""

import random
from collections.abc import Callable, Iterator

from tests.simulation.cutbacks import cutbacks
from tests.simulation.drafts import ZONES, Drafts
from tests.simulation.edits import INSTANCES_MAX
from tests.simulation.restraints import restrains
from tests.simulation.rivals import rivals
from tests.simulation.script import Happening, Script
from tests.simulation.stage import LATENCY_SECONDS
from tests.simulation.wanted import POOLS

SETTLE_SECONDS = 150.0  # before the first happening
PAUSE_LEAST_SECONDS = 2.0
PAUSE_MEAN_SECONDS = 90.0
LATE_SHARE = 0.1  # of all stories
LATE_SECONDS = (20.0, 120.0)
STORES = ("home", "unit")
SYSTEMS = tuple(LATENCY_SECONDS)
ASKED = ("unit/web", "unit/web@1", "nodepool/core", "elasticsearch/es-prod", "all")
LOSSES = ("node-crash", "node-crash", "preempt", "host-error", "instance-delete")
FLEET_FAULTS = (
    "fleet-absent",
    "corrupt-unit",
    "fleetd-stop",
    "fleetd-restart",
    "fleetd-kill",
    "engine-leader-loss",
    "machine-partition",
    "etcd-frozen",
)
CLOUD_FAULTS = (
    "rate-limit",
    "burst-503",
    "stale-list",
    "stockout",
    "zone-unreachable",
    "op-duration",
    "op-lost",
    "op-error",
    "delete-hang",
)
SLOW_MOST_SECONDS = 40  # one way longer than a lease: what is sent arrives under the next leader


def generate(seed: int, hours: float) -> Script:
    rng = random.Random(seed)
    drafts = Drafts(rng)
    documents = {path: drafts.text(path) for path in drafts.documents}
    daemons = rng.choice((1, 2, 2, 3))
    script = Script(seed, hours * 3600, daemons, documents, ())
    # from generators of their own, so that the other stories are told as they were
    fate = tuple(_Fate(rng, drafts, script.names).happenings(script.seconds))
    happenings = (
        *fate,
        *_late_node(random.Random(f"late node {seed}")),
        *restrains(random.Random(f"restraints {seed}"), tuple(documents), script.seconds),
        *cutbacks(random.Random(f"cutback {seed}"), script.seconds),
        *rivals(random.Random(f"rivals {seed}"), documents, fate, script.seconds),
    )
    in_order = tuple(sorted(happenings, key=lambda each: each.at))
    return Script(seed, script.seconds, daemons, documents, in_order)


def _late_node(rng: random.Random) -> Iterator[Happening]:
    """In some stories the first node that is asked for does not come up by itself."""
    if rng.random() < LATE_SHARE:
        lasts = round(rng.uniform(*LATE_SECONDS), 1)
        yield Happening(0.0, "boot-hang", seconds=lasts, count=1)


class _Fate:
    """Draws one happening after another."""

    def __init__(self, rng: random.Random, drafts: Drafts, names: tuple[str, ...]) -> None:
        self._rng, self._drafts, self._names = rng, drafts, names
        self._wiped_until = 0.0

    def happenings(self, seconds: float) -> Iterator[Happening]:
        kinds, weights = zip(*_KINDS, strict=True)
        at = SETTLE_SECONDS
        while at < seconds:
            draw = self._rng.choices(kinds, weights)[0]
            for happening in draw(self, at):
                at = happening.at
                yield happening
            at += PAUSE_LEAST_SECONDS + self._rng.expovariate(1 / PAUSE_MEAN_SECONDS)

    # what people do

    def edit(self, at: float) -> Iterator[Happening]:
        if at < self._wiped_until:  # who has lost everything edits nothing
            return
        yield self._put(at, self._drafts.edit())

    def take_down(self, at: float) -> Iterator[Happening]:
        yield from (self._put(at, path) for path in self._drafts.take_down())

    def bring_back(self, at: float) -> Iterator[Happening]:
        yield from (self._put(at, path) for path in self._drafts.bring_back())

    def spoil(self, at: float) -> Iterator[Happening]:
        if at < self._wiped_until:
            return
        path, text = self._drafts.spoilt()
        yield Happening(at, "put-bad", path, text=text)

    def ask(self, at: float) -> Iterator[Happening]:
        """A person answers what the operator asks, or asks for something."""
        what = self._rng.choice(("answer", "answer", "restart", "retry", "pause"))
        name = self._rng.choice(("unit/web", "unit/elasticsearch") if what == "restart" else ASKED)
        seconds = self._draw(10, 600) if what == "pause" else 0
        yield Happening(at, what, "" if what == "answer" else name, seconds=seconds)

    def rewind(self, at: float) -> Iterator[Happening]:
        yield Happening(at, "rewind", seconds=self._draw(20, 600))

    def wipe(self, at: float) -> Iterator[Happening]:
        if at < self._wiped_until:
            return
        seconds = self._draw(60, 900)
        self._wiped_until = at + seconds + 1
        yield Happening(at, "wipe", seconds=seconds)

    def meddle(self, at: float) -> Iterator[Happening]:
        """Somebody else writes or removes what is ours to write."""
        yield Happening(at, self._rng.choice(("edit-config", "remove-config", "remove-service")))

    # what breaks

    def node(self, at: float) -> Iterator[Happening]:
        what = self._rng.choice((*LOSSES, "node-hang", "usurp", "edit-labels"))
        lasts = what in ("usurp", "node-hang")
        seconds = self._draw(20, 90) if lasts else 0
        text = "role=somebody-else" if what == "edit-labels" else ""
        yield Happening(at, what, self._node(), seconds=seconds, text=text)

    def usurped(self, at: float) -> Iterator[Happening]:
        """The last node of a pool loses its name when nobody wants it any more."""
        path = self._rng.choice(self._pools())
        spec = self._drafts.documents[path]["spec"]
        name = str(spec["nameFormat"].format(ordinal=spec["replicas"]))
        yield Happening(at, "usurp", name, seconds=self._draw(30, 90))
        self._drafts.less_by_one(path)
        yield self._put(at + 1, path)

    def unit(self, at: float) -> Iterator[Happening]:
        what = self._rng.choice(("unit-crash", "unit-crash", "unit-stop"))
        yield Happening(at, what, self._unit())

    def crash_loop(self, at: float) -> Iterator[Happening]:
        """Everything that some document runs crashes for a while whenever it is up."""
        seconds, short = self._draw(60, 1500), self._unit().partition("@")[0]
        for number in range(1, INSTANCES_MAX + 1):
            yield Happening(at, "crash-loop", f"{short}@{number}.service", seconds=seconds)

    def fleet(self, at: float) -> Iterator[Happening]:
        """fleet itself, or etcd under it."""
        what = self._rng.choice(FLEET_FAULTS)
        name = self._unit() if what in ("fleet-absent", "corrupt-unit") else self._node("core")
        yield Happening(at, what, name, seconds=self._draw(5, 60))

    def elasticsearch(self, at: float) -> Iterator[Happening]:
        what = self._rng.choice(("es-hang", "es-reset", "es-pause", "es-slow", "es-stale"))
        seconds, count = self._draw(3, 25), self._rng.randint(1, 4)
        yield Happening(at, what, self._node("core"), seconds=seconds, count=count)

    def cloud(self, at: float) -> Iterator[Happening]:
        what = self._rng.choice(CLOUD_FAULTS)
        zone = self._rng.choice(ZONES) if what in ("stockout", "zone-unreachable") else ""
        count = self._rng.randint(1, 3)
        yield Happening(at, what, zone, seconds=self._draw(5, 45), count=count)
        if what in ("op-lost", "op-error", "delete-hang"):
            yield from self.node(at + 0.5)  # so that there is something to do

    def quota(self, at: float) -> Iterator[Happening]:
        yield Happening(at, "quota", "INSTANCES", seconds=self._draw(60, 900))
        yield Happening(at + 0.5, "instance-delete", self._node())

    def lost_replies(self, at: float) -> Iterator[Happening]:
        system = self._rng.choice(("compute", "compute", *STORES))
        yield Happening(at, "lost-reply", system=system, count=self._rng.randint(1, 3))
        yield from self.node(at + 0.5)  # so that there is something to reply to

    def store_down(self, at: float) -> Iterator[Happening]:
        yield Happening(
            at, "store-down", system=self._rng.choice(STORES), seconds=self._draw(1, 60)
        )

    def compact(self, at: float) -> Iterator[Happening]:
        yield Happening(at, "compact", system=self._rng.choice(STORES))

    # the network

    def cut(self, at: float) -> Iterator[Happening]:
        yield self._way(at, "cut", self._draw(1, 90))

    def slow(self, at: float) -> Iterator[Happening]:
        """Late answers, late events, writes that arrive when nobody waits for them any more."""
        count = self._rng.randint(1, SLOW_MOST_SECONDS)
        way = self._way(at, "slow", self._draw(5, 60))
        yield Happening(at, "slow", "", way.daemon, way.system, way.seconds, count)

    def blind(self, at: float) -> Iterator[Happening]:
        """Reads fail while writes pass, and somebody wants something."""
        yield self._way(at, "blind", self._draw(30, 240))
        yield from self.edit(at + self._draw(1, 30))

    def cut_machines(self, at: float) -> Iterator[Happening]:
        yield Happening(at, "cut-machines", seconds=self._draw(1, 60))

    def silent_node(self, at: float) -> Iterator[Happening]:
        yield Happening(at, "silent-node", self._node("core"), seconds=self._draw(3, 18))

    # daemons

    def crash(self, at: float) -> Iterator[Happening]:
        daemon = self._rng.choice(self._names)
        writes = self._rng.random() < 0.6
        calls = self._rng.randint(1, 4 if writes else 40)
        what = f"crash-at-{'write' if writes else 'call'}"
        delivered = self._rng.random() < 0.6
        yield Happening(at, what, "", daemon, "", self._draw(1, 60), calls, delivered)
        if writes:
            yield from self._rng.choice((self.node, self.unit, self.edit))(at + 0.5)

    def freeze(self, at: float) -> Iterator[Happening]:
        """Mostly for longer than a lease."""
        seconds, count = self._draw(20, 90), self._rng.randint(5, 30)
        suspended = self._rng.random() < 0.5
        yield Happening(at, "freeze-at-step", seconds=seconds, count=count, flag=suspended)
        yield from self._rng.choice((self.unit, self.edit))(at + 0.5)

    def stop(self, at: float) -> Iterator[Happening]:
        yield Happening(at, "stop", daemon=self._rng.choice(self._names), seconds=self._draw(1, 30))

    def _put(self, at: float, path: str) -> Happening:
        return Happening(at, "put", path, text=self._drafts.text(path))

    def _way(self, at: float, what: str, seconds: float) -> Happening:
        daemon, system = self._rng.choice(self._names), self._rng.choice(SYSTEMS)
        return Happening(at, what, "", daemon, system, seconds)

    def _draw(self, least: float, most: float) -> float:
        return round(self._rng.uniform(least, most), 1)

    def _pools(self) -> list[str]:
        return sorted(path for path in self._drafts.documents if path.startswith(POOLS))

    def _node(self, pool: str = "") -> str:
        path = f"{POOLS}{pool}" if pool else self._rng.choice(self._pools())
        spec = self._drafts.documents[path]["spec"]
        ordinal = self._rng.randint(1, spec["replicas"])
        return str(spec["nameFormat"].format(ordinal=ordinal))

    def _unit(self) -> str:
        units = [path for path in self._drafts.documents if path.startswith("/desired/unit/")]
        path = self._rng.choice(sorted(units))
        spec = self._drafts.documents[path]["spec"]
        name = spec.get("name", f"{path.rpartition('/')[2]}.service")
        if "instances" in spec:
            return str(name.replace("@", f"@{self._rng.randint(1, spec['instances'])}"))
        return str(name)


_KINDS: tuple[tuple[Callable[[_Fate, float], Iterator[Happening]], int], ...] = (
    (_Fate.edit, 10),
    (_Fate.take_down, 2),
    (_Fate.bring_back, 1),
    (_Fate.spoil, 2),
    (_Fate.ask, 5),
    (_Fate.rewind, 1),
    (_Fate.wipe, 1),
    (_Fate.meddle, 2),
    (_Fate.node, 5),
    (_Fate.unit, 5),
    (_Fate.usurped, 1),
    (_Fate.crash_loop, 1),
    (_Fate.fleet, 3),
    (_Fate.elasticsearch, 2),
    (_Fate.cloud, 4),
    (_Fate.quota, 1),
    (_Fate.lost_replies, 3),
    (_Fate.store_down, 2),
    (_Fate.compact, 1),
    (_Fate.cut, 3),
    (_Fate.slow, 3),
    (_Fate.blind, 4),
    (_Fate.cut_machines, 1),
    (_Fate.silent_node, 4),
    (_Fate.crash, 5),
    (_Fate.freeze, 3),
    (_Fate.stop, 1),
)
