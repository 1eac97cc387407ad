"""What happens from outside: what people do, and everything that breaks. What a happening breaks
for a while it also mends."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

from localcloud import faults
from localcloud.compute.resources import Instance
from localcloud.etcd.model import EtcdModel
from localcloud.fault import Arguments
from tests.simulation.people import DOINGS, Cure, People
from tests.simulation.script import Happening
from tests.simulation.stage import Daemon, Stage
from tests.simulation.truth import Truth
from tests.simulation.wanted import Wanted

CRASH_SECONDS = 7.0  # between two crashes of a unit that crashes again and again


class Happenings:
    def __init__(self, stage: Stage, truth: Truth, wanted: Wanted) -> None:
        self._stage, self._truth = stage, truth
        self._cures: list[tuple[float, Cure]] = []
        self._loops: dict[str, float] = {}  # until when a unit crashes again and again
        self.people = People(stage, truth, wanted, self._mend_in)

    async def until(self, at: float) -> None:
        """What ends by itself, ends in the meantime."""
        while self._cures and self._cures[0][0] <= at:
            end, cure = self._cures.pop(0)
            await asyncio.sleep(max(0.0, end - self._truth.now))
            cure()
        await asyncio.sleep(max(0.0, at - self._truth.now))

    def happen(self, happening: Happening) -> None:
        self._stage.cloud.tick()
        if cure := self._begin(happening):
            self._mend_in(happening.seconds, cure)

    def calm(self) -> None:
        """Everything that can be mended from outside is mended."""
        for store in (self._stage.home, self._stage.unit):
            store.come_back()
            store.lose_replies(0)
        self._stage.cloud.clear_faults()
        for daemon in self._stage.daemons.values():
            daemon.spare()
        self._loops.clear()
        while self._cures:
            self._cures.pop(0)[1]()
        self.people.resume_all()
        self.people.set_all_free()

    # the cloud

    def _begin(self, happening: Happening) -> Cure | None:
        if doing := DOINGS.get(happening.what):
            return doing(self.people, happening)
        if harm := _HARMS.get(happening.what):
            return harm(self, happening)
        return self._fault(happening)

    def _fault(self, happening: Happening) -> Cure | None:
        """One that localcloud knows; whoever is not there, or not up, cannot fail."""
        what, name, count = happening.what, happening.name, happening.count
        if what.startswith("es-"):
            name = self._address(name)
        key, _, value = happening.text.partition("=")
        arguments = Arguments(
            name=name,
            zone=name,
            metric=name,
            limit=count,
            key=key,
            value=value,
            delay=count,
            count=count,
            seconds=happening.seconds,
        )
        try:
            faults.inject(self._stage.cloud, what, arguments)
        except faults.UnknownNameError:
            return None
        cure = _CURES.get(what)
        return (lambda: cure(self, happening)) if cure else None

    def _address(self, node: str) -> str:
        instance = self._truth.instance(node)
        return (instance.ip or "") if instance else ""

    def _restart_fleetd(self, happening: Happening) -> None:
        """Wherever it is stopped."""
        del happening
        self._stage.cloud.fleet.mishaps.clear()

    def _raise_quota(self, happening: Happening) -> None:
        self._stage.cloud.compute.mishaps.faults.quotas.pop(happening.name, None)

    def _reset(self, happening: Happening) -> None:
        """Again, where its operation is one of those that fail."""
        node = self._truth.instance(happening.name)
        if node is None or node.status != "RUNNING":
            return
        if self._stage.cloud.compute.act("reset", node.zone, node.id).failure:
            self._reset(happening)

    def _reset_hung(self, happening: Happening) -> None:
        """Whichever has not come up."""
        for each in self._truth.instances():
            if each.hung:
                self._reset(replace(happening, name=each.name))

    def _crash_again(self, happening: Happening) -> None:
        """A unit fails each time that it has come up."""
        self._loops[happening.name] = self._truth.now + happening.seconds
        self._crash(happening.name)

    def _crash(self, unit: str) -> None:
        if self._truth.now < self._loops.get(unit, 0.0):
            self._fault(Happening(self._truth.now, "unit-crash", unit))
            self._mend_in(CRASH_SECONDS, lambda: self._crash(unit))

    def _usurp(self, happening: Happening) -> Cure | None:
        """A node dies, and while lists are late its name goes to an instance of somebody else."""
        node = self._truth.instance(happening.name)
        if node is None or node.status != "RUNNING":
            return None
        compute = self._stage.cloud.compute
        compute.mishaps.crash(node.name)
        compute.mishaps.stale_list(self._stage.cloud.now() + happening.seconds / 2)
        compute.instances.remove(node)
        thief = replace(node, id=f"9{node.id}", labels={}, status="TERMINATED", disks=())
        compute.instances.put(thief)
        return lambda: self._leave(thief)

    def _leave(self, thief: Instance) -> None:
        found = self._stage.cloud.compute.instances.by_id(thief.id)
        if found is not None:
            self._stage.cloud.compute.instances.remove(found)

    def _silence(self, happening: Happening) -> Cure | None:
        node = self._truth.instance(happening.name)
        if node is None or node.ip in self._stage.silent:
            return None
        self._stage.silent.add(node.ip)
        return lambda: self._stage.silent.discard(node.ip)

    def _cut_machines(self, happening: Happening) -> Cure:
        del happening
        keys = self._stage.machine_keys
        keys.cuts += 1

        def mend() -> None:
            keys.cuts -= 1

        return mend

    # stores

    def _lose_replies(self, happening: Happening) -> None:
        if happening.system == "compute":
            self._stage.cloud.compute.mishaps.lose_replies(happening.count)
        else:
            self._store(happening).lose_replies(happening.count)

    def _store_down(self, happening: Happening) -> Cure:
        store = self._store(happening)
        store.go_down()
        return store.come_back

    def _compact(self, happening: Happening) -> None:
        store = self._store(happening)
        store.compact(store.revision)

    # the network

    def _cut(self, happening: Happening) -> Cure:
        way = self._daemon(happening).ways[happening.system]
        way.cuts += 1

        def mend() -> None:
            way.cuts -= 1

        return mend

    def _slow(self, happening: Happening) -> Cure:
        way = self._daemon(happening).ways[happening.system]
        way.extra_seconds += happening.count

        def mend() -> None:
            way.extra_seconds -= happening.count

        return mend

    def _blind(self, happening: Happening) -> Cure:
        way = self._daemon(happening).ways[happening.system]
        way.blinds += 1

        def mend() -> None:
            way.blinds -= 1

        return mend

    # daemons

    def _kill(self, happening: Happening) -> Cure:
        daemon = self._daemon(happening)
        writes = happening.what == "crash-at-write"
        daemon.doom(happening.count, writes=writes, delivered=happening.flag)
        return daemon.start_again

    def _freeze(self, happening: Happening) -> Cure | None:
        """Whoever leads, in the midst of something: its process, or its host."""
        leader = self._stage.daemons.get(self._truth.leader() or "")
        if leader is None:
            return None
        if happening.flag:
            leader.suspend_at_step(happening.count)
        else:
            leader.freeze_at_step()
        return leader.thaw

    def _stop(self, happening: Happening) -> Cure:
        daemon = self._daemon(happening)
        daemon.ask_to_stop()
        return daemon.start_again

    # inside

    def _mend_in(self, seconds: float, cure: Cure) -> None:
        self._cures.append((self._truth.now + seconds, cure))
        self._cures.sort(key=lambda each: each[0])

    def _daemon(self, happening: Happening) -> Daemon:
        return self._stage.daemons[happening.daemon]

    def _store(self, happening: Happening) -> EtcdModel:
        return self._stage.home if happening.system == "home" else self._stage.unit


_HARMS: Mapping[str, Callable[[Happenings, Happening], Cure | None]] = {
    "usurp": Happenings._usurp,
    "silent-node": Happenings._silence,
    "crash-loop": Happenings._crash_again,
    "cut-machines": Happenings._cut_machines,
    "lost-reply": Happenings._lose_replies,
    "store-down": Happenings._store_down,
    "compact": Happenings._compact,
    "cut": Happenings._cut,
    "slow": Happenings._slow,
    "blind": Happenings._blind,
    "crash-at-write": Happenings._kill,
    "crash-at-call": Happenings._kill,
    "freeze-at-step": Happenings._freeze,
    "stop": Happenings._stop,
}

# What ends the faults that localcloud does not end by itself.
_CURES: Mapping[str, Callable[[Happenings, Happening], None]] = {
    "node-hang": Happenings._reset,
    "boot-hang": Happenings._reset_hung,
    "fleetd-stop": Happenings._restart_fleetd,
    "corrupt-unit": Happenings._restart_fleetd,
    "quota": Happenings._raise_quota,
}
