"""Which registrations to write or remove, and what to record of the first start."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from steersman.kinds.elasticsearch import bootstrap
from steersman.kinds.elasticsearch.observe import Cluster, Member
from steersman.kinds.elasticsearch.register import Phase, Standing, assess
from steersman.kinds.elasticsearch.spec import ElasticsearchSpec
from steersman.model.drift import Drift
from steersman.model.memory import Memory
from steersman.model.observed import KeyItem
from steersman.model.plan import Action, Effect, Plan, Step, Target, Waiting
from steersman.model.resource import Key, Resource
from steersman.model.world import FORMING

RECORDS = "/steersman/bootstrap/"


@dataclass(frozen=True)
class Register(Action):
    """Write a registration; over the one that stands there (`replaces`), or where there is none.
    `owner` is the Compute instance at the address, as `zone/name/id`."""

    key: str
    value: str
    ttl_seconds: int
    owner: str
    replaces: KeyItem | None = None


@dataclass(frozen=True)
class Deregister(Action):
    """Remove a registration as it was seen."""

    item: KeyItem


@dataclass(frozen=True)
class RepairDirectory(Action):
    """Remove a key that stands where the directory of registrations has to be."""

    item: KeyItem


@dataclass(frozen=True)
class RecordBootstrap(Action):
    cluster: str
    phase: str
    seed: str


def plan(
    resource: Resource[ElasticsearchSpec],
    observed: Cluster,
    drift: Drift,
    memory: Memory,
    now: datetime,
) -> Plan:
    del memory  # it is in `observed` already
    writer = resource.spec.registration.writer
    if not drift.known or writer == "none":
        return Plan()
    planning = _Planning(resource.key, observed, drift)
    records = tuple(planning.record())
    if writer == "sidekick":
        return Plan(records)
    if observed.leaf is not None:  # nothing can be registered before it is gone
        return Plan((*records, planning.repair(observed.leaf)))
    standings = assess(observed, now).standings
    times = [each.until for each in standings.values() if each.until and each.until > now]
    return Plan(
        (*records, *planning.registrations(standings), *planning.former()),
        tuple(planning.waits(standings)),
        min(times, default=None),
    )


@dataclass(frozen=True, slots=True)
class _Planning:
    key: Key
    cluster: Cluster
    drift: Drift

    def record(self) -> Iterator[Step]:
        wanted = bootstrap.wanted(self.cluster)
        if wanted is None:
            return
        forming = wanted.phase == FORMING
        said = "starts alone" if forming else "has a master: the others may join"
        yield Step(
            self.key,
            Target("home", RECORDS + self.cluster.name),
            RecordBootstrap(self.cluster.name, wanted.phase, wanted.seed),
            reason="NoRecord" if forming else "HasMaster",
            effect=Effect.CREATE,
            message=f"{wanted.seed} {said}",
            differences=self.drift.of(self.cluster.name),
        )

    def repair(self, leaf: KeyItem) -> Step:
        return self._step(
            RepairDirectory(leaf),
            "NotADirectory",
            Effect.REPAIR,
            f"{leaf.key} is a key where the directory of registrations has to be",
        )

    def registrations(self, standings: Mapping[str, Standing]) -> Iterator[Step]:
        for ip, standing in standings.items():
            step = self._registration(self.cluster.members[ip], standing)
            if step is not None:
                yield step

    def former(self) -> Iterator[Step]:
        """Who starts meanwhile finds the others at the old path, or at the new one."""
        if any(each.live and not each.registered for each in self.cluster.members.values()):
            return
        for item in self.cluster.former:
            message = f"{item.key} was registered for this cluster, whose path is another now"
            yield self._step(Deregister(item), "PathMoved", Effect.DESTROY, message)

    def waits(self, standings: Mapping[str, Standing]) -> Iterator[Waiting]:
        for ip, standing in standings.items():
            if standing.phase in (Phase.QUALIFYING, Phase.LEAVING) and not standing.due:
                target = f"keys:{self.cluster.members[ip].key}"
                yield Waiting(
                    target, "registration", standing.reason, standing.until, standing.message
                )

    def _registration(self, member: Member, standing: Standing) -> Step | None:
        item = member.item
        if item is None:
            return self._register(member, standing) if standing.due else None
        if standing.due:
            message = f"{member.ip}: {standing.message}"
            step = self._step(Deregister(item), standing.reason, Effect.REPAIR, message)
            proof = member.death if standing.dead else None
            return replace(step, rests_on=(proof.source,)) if proof else step
        if standing.kept and (item.value != self.cluster.spec.value or item.expires_at is None):
            return self._rewrite(member, item)
        return None

    def _register(self, member: Member, standing: Standing) -> Step:
        return self._step(self._written(member), standing.reason, Effect.CREATE, standing.message)

    def _rewrite(self, member: Member, item: KeyItem) -> Step:
        expires = "" if item.expires_at else " and never expires"
        message = f"{item.key} holds {item.value!r}{expires}"
        return self._step(self._written(member), "ValueDiffers", Effect.REPAIR, message)

    def _written(self, member: Member) -> Register:
        spec = self.cluster.spec
        ttl = spec.registration.ttl_seconds
        return Register(member.key, spec.value, ttl, member.instance, member.item)

    def _step(
        self,
        action: Register | Deregister | RepairDirectory,
        reason: str,
        effect: Effect,
        message: str,
    ) -> Step:
        key = action.key if isinstance(action, Register) else action.item.key
        differences = self.drift.of(key)
        target = Target("keys", key)
        return Step(self.key, target, action, reason, effect, message, differences=differences)


def attributes(step: Step) -> dict[str, str]:
    """What `remember` wants to know."""
    return {"owner": step.action.owner} if isinstance(step.action, Register) else {}
