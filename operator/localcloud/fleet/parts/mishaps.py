"""What can be made to go wrong. Times are epoch seconds of the model's clock."""

from collections.abc import Callable, Iterator

from localcloud.fault import Standing
from localcloud.fleet.parts.cluster import Cluster
from localcloud.fleet.parts.fleetd import Fleetd, Phase
from localcloud.fleet.parts.registry import Registry
from localcloud.fleet.parts.systemd import Loaded
from localcloud.fleet.units.names import is_template

CORRUPT_WORD = "corrupt"  # no desired state that fleet knows


class Mishaps:
    """`cluster` gives the cluster as it is by now. LookupError: nobody bears the name."""

    def __init__(self, cluster: Callable[[], Cluster]) -> None:
        self._cluster = cluster

    def clear(self) -> None:
        """A person mends what a person can."""
        cluster = self._cluster()
        registry = cluster.registry
        registry.hidden.clear()
        for name, word in registry.corrupted.items():
            if name in registry.jobs and not registry.jobs[name].readable:
                cluster.set_desired(name, word)
        registry.corrupted.clear()
        cluster.end_outages()
        self.remove_templates()

    def standing(self) -> Iterator[Standing]:
        cluster = self._cluster()
        now, registry, outages = cluster.now(), cluster.registry, cluster.outages
        for name, until in registry.hidden.items():
            if until > now:
                yield Standing("fleet-absent", name, until)
        for name in registry.corrupted:
            yield Standing("corrupt-unit", name)
        cut_off = outages.cut_off(now)
        for id_, fleetd in cluster.fleetds.items():
            if id_ in cut_off:
                yield Standing("machine-partition", fleetd.machine.instance, cut_off[id_])
            if fleetd.phase is Phase.STOPPED:
                yield Standing("fleetd-stop", fleetd.machine.instance)
        if outages.frozen:
            yield Standing("etcd-frozen", until=outages.frozen_until)

    # of a unit

    def unit_crash(self, name: str) -> None:
        """Kill the main process."""
        for fleetd in self._where(name, lambda unit: unit.running):
            fleetd.systemd.crash(name)
            fleetd.touched()

    def unit_stop(self, name: str) -> None:
        """`systemctl stop` by hand."""
        for fleetd in self._where(name, lambda unit: unit.up):
            fleetd.systemd.stop(name)
            fleetd.touched()

    def fleet_absent(self, name: str, until: float) -> None:
        """Its states cannot be read until then, whatever it does."""
        self._known(name).hidden[name] = until

    def corrupt_unit(self, name: str) -> None:
        """Somebody writes a word into etcd that is no desired state."""
        registry = self._known(name)
        job = registry.jobs[name]
        if job.readable:
            registry.corrupted[name] = job.desired
            self._cluster().set_desired(name, CORRUPT_WORD)

    def set_desired(self, name: str, word: str) -> None:
        """Somebody writes it into etcd past the API."""
        self._known(name)
        self._cluster().set_desired(name, word)

    # of a machine

    def fleetd_stop(self, instance: str) -> None:
        self._on(instance).stop(comes_back=False)

    def fleetd_restart(self, instance: str) -> None:
        self._on(instance).stop(comes_back=True)

    def fleetd_kill(self, instance: str) -> None:
        self._on(instance).kill()

    def partition(self, instance: str, until: float) -> None:
        """Between the machine and etcd; whatever runs on it runs on."""
        machine = self._on(instance).machine
        self._cluster().outages.cut(machine.id, until)

    def remove_templates(self) -> None:
        """Somebody removes the files of templates, which wedge agents, from the machines' /run."""
        for fleetd in self._cluster().fleetds.values():
            for name in filter(is_template, list(fleetd.systemd.units)):
                fleetd.systemd.forget(name)

    # of all machines

    def leader_loss(self) -> None:
        """The fleetd that leads the engine is killed; its lease has to expire."""
        cluster = self._cluster()
        lease = cluster.registry.lease
        leader = cluster.fleetds.get(lease.machine_id) if lease else None
        if leader is None:
            raise LookupError("no fleetd leads the engine")
        leader.kill()

    def freeze_etcd(self, until: float) -> None:
        self._cluster().freeze_etcd(until)

    def _known(self, name: str) -> Registry:
        registry = self._cluster().registry
        if name not in registry.jobs:
            message = f"no unit {name}"
            raise LookupError(message)
        return registry

    def _on(self, instance: str) -> Fleetd:
        for fleetd in self._cluster().fleetds.values():
            if fleetd.machine.instance == instance:
                return fleetd
        message = f"no machine {instance} in the fleet"
        raise LookupError(message)

    def _where(self, name: str, condition: Callable[[Loaded], bool]) -> list[Fleetd]:
        cluster = self._cluster()
        found = [
            cluster.fleetds[id_] for id_, unit in cluster.loaded(name).items() if condition(unit)
        ]
        if not found:
            message = f"unit {name} runs on no machine"
            raise LookupError(message)
        return found
