"""What happens from outside: people with their documents, and everything that breaks. What a
happening breaks for a while it also mends."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import replace

from localcloud import faults
from localcloud.compute.resources import Instance
from localcloud.etcd.model import EtcdModel
from localcloud.etcd.records import DownError, LostReplyError
from tests.simulation.script import Happening
from tests.simulation.stage import Daemon, Stage
from tests.simulation.truth import CONFIGS, SERVICES, Truth, Wanted

RETRY_SECONDS = 5.0  # until a person tries again what a store did not take
SPOILT_CONFIG = b"cluster.name: somebody-else\nindex.number_of_shards: 99\n"

Cure = Callable[[], None]


class Happenings:
    """`wanted` learns what good documents say."""

    def __init__(self, stage: Stage, truth: Truth, wanted: Wanted) -> None:
        self._stage, self._truth, self._wanted = stage, truth, wanted
        self._cures: list[tuple[float, Cure]] = []

    async def until(self, at: float) -> None:
        """What ends by itself, ends in the meantime."""
        while self._cures and self._cures[0][0] <= at:
            end, cure = self._cures.pop(0)
            await asyncio.sleep(max(0.0, end - self._truth.now))
            cure()
        await asyncio.sleep(max(0.0, at - self._truth.now))

    def happen(self, happening: Happening) -> None:
        self._stage.cloud.tick()
        known = _HAPPENINGS.get(happening.what)
        if known is None:
            self._fault(happening)
        elif cure := known(self, happening):
            self._mend_in(happening.seconds, cure)

    def calm(self) -> None:
        """Everything that can be mended from outside is mended."""
        for store in (self._stage.home, self._stage.unit):
            store.come_back()
            store.lose_replies(0)
        self._stage.cloud.clear_faults()
        for daemon in self._stage.daemons.values():
            daemon.spare()
        while self._cures:
            self._cures.pop(0)[1]()

    def put(self, path: str, text: str) -> None:
        """A good document."""
        if self._by_hand(lambda: self._stage.home.put(path, text.encode())):
            self._wanted.put(path, json.loads(text), self._truth.now)

    # people

    def _put_good(self, happening: Happening) -> None:
        self.put(happening.name, happening.text)

    def _put_bad(self, happening: Happening) -> None:
        """The version before stays wanted; where there is none, nothing is."""
        if self._stage.home.peek(happening.name):
            self._by_hand(lambda: self._stage.home.put(happening.name, happening.text.encode()))

    def _wipe(self, happening: Happening) -> Cure | None:
        del happening
        if not self._by_hand(lambda: self._stage.home.delete_prefix("/desired/")):
            return None
        there = self._wanted.documents()
        for path in there:
            self._wanted.remove(path, self._truth.now)
        return lambda: self._restore(there)

    def _restore(self, documents: Mapping[str, str]) -> None:
        left = {path: text for path, text in documents.items() if not self._restored(path, text)}
        if left:
            self._mend_in(RETRY_SECONDS, lambda: self._restore(left))

    def _restored(self, path: str, text: str) -> bool:
        self.put(path, text)
        return self._stage.home.peek(path) is not None

    def _edit_config(self, happening: Happening) -> None:
        del happening
        if key := self._a_key(CONFIGS):
            self._by_hand(lambda: self._stage.unit.put(key, SPOILT_CONFIG))

    def _remove_config(self, happening: Happening) -> None:
        del happening
        if key := self._a_key(CONFIGS):
            self._by_hand(lambda: self._stage.unit.delete_prefix(key))

    def _remove_service(self, happening: Happening) -> None:
        del happening
        if key := self._a_key(SERVICES):
            self._stage.removed_by_hand.add(key.rpartition("/")[2])
            self._by_hand(lambda: self._stage.unit.delete_prefix(key))

    # the cloud

    def _fault(self, happening: Happening) -> None:
        """One that localcloud knows; whoever is not there, or not up, cannot fail."""
        arguments = faults.Arguments(
            name=happening.name,
            zone=happening.name if happening.what == "stockout" else "",
            seconds=happening.seconds,
        )
        try:
            faults.inject(self._stage.cloud, happening.what, arguments)
        except faults.UnknownNameError:
            pass

    def _usurp(self, happening: Happening) -> Cure | None:
        """A node dies, and while lists are late its name goes to an instance of somebody else."""
        node = self._truth.instance(happening.name)
        if node is None or node.status != "RUNNING":
            return None
        compute = self._stage.cloud.compute
        compute.crash(node.name)
        compute.stale_list(self._stage.cloud.now() + happening.seconds / 2)
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
            self._stage.cloud.compute.lost_reply(happening.count)
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

    def _crash(self, happening: Happening) -> Cure:
        daemon = self._daemon(happening)
        writes = happening.what == "crash-at-write"
        daemon.doom(happening.count, writes=writes, delivered=happening.flag)
        return daemon.start_again

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

    def _a_key(self, prefix: str) -> str | None:
        return next(iter(self._truth.keys(prefix)), None)

    def _by_hand(self, write: Callable[[], object]) -> bool:
        """Whether it was applied: a person looks, where the answer got lost."""
        try:
            write()
        except DownError:
            return False
        except LostReplyError:
            pass
        return True


_HAPPENINGS: Mapping[str, Callable[[Happenings, Happening], Cure | None]] = {
    "put": Happenings._put_good,
    "put-bad": Happenings._put_bad,
    "wipe": Happenings._wipe,
    "edit-config": Happenings._edit_config,
    "remove-config": Happenings._remove_config,
    "remove-service": Happenings._remove_service,
    "usurp": Happenings._usurp,
    "silent-node": Happenings._silence,
    "cut-machines": Happenings._cut_machines,
    "lost-reply": Happenings._lose_replies,
    "store-down": Happenings._store_down,
    "compact": Happenings._compact,
    "cut": Happenings._cut,
    "slow": Happenings._slow,
    "blind": Happenings._blind,
    "crash-at-write": Happenings._crash,
    "crash-at-call": Happenings._crash,
    "stop": Happenings._stop,
}
