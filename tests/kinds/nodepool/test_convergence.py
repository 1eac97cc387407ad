"""Whatever is there at first: a pool's steps lead to what its document asks, and then they end."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from steersman.kinds.nodepool import KIND
from steersman.kinds.nodepool.plan import CreateInstance, Generate, StartInstance
from steersman.kinds.nodepool.spec import NodePool
from steersman.kinds.nodepool.teardown import DeleteInstance
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.memory import Memory
from steersman.model.observed import Instance
from steersman.model.outcome import Outcome
from steersman.model.plan import Plan, Step
from steersman.model.resource import Resource
from steersman.model.world import World
from tests.kinds.builders import NOW, compute, fleet, instance, machine, world
from tests.kinds.nodepool.support import TOKEN, node, pool

ZONES = ("europe-west1-b", "europe-west1-c", "europe-west1-d")
STATUSES = ("PROVISIONING", "STAGING", "RUNNING", "STOPPING", "TERMINATED")
NEXT = {"PROVISIONING": "STAGING", "STAGING": "RUNNING", "STOPPING": "TERMINATED"}
MINUTES_MAX = 30
NO_ROOM = OutsideError(ErrorClass.STOCKOUT, "STOCKOUT", "no room")


class ToyCloud:
    """Instances come up a step a minute; zones in `full` take no new ones."""

    def __init__(
        self, core: Resource[NodePool], there: Mapping[int, str], full: frozenset[str]
    ) -> None:
        self.core = core
        self.full = full
        self.now = NOW
        self.memory = Memory()
        self.going: set[str] = set()
        self.instances = {
            f"core{at}": node(core, at, status=status) for at, status in there.items()
        }

    def world(self) -> World:
        joined = [each for each in self.instances.values() if each.status == "RUNNING"]
        return world(
            self.core,
            compute=compute(*self.instances.values()),
            fleet=fleet(*(machine(int(each.name.removeprefix("core"))) for each in joined)),
            memory={self.core.key: self.memory},
        )

    def plan(self) -> Plan:
        observed = KIND.observe(self.core, self.world())
        drift = KIND.diff(self.core, observed)
        return KIND.plan(self.core, observed, drift, self.memory, self.now)

    def minute(self) -> None:
        for step in self.plan().steps:
            self._execute(step)
        self.now += timedelta(minutes=1)
        self.instances = {
            name: replace(each, status=NEXT.get(each.status, each.status))
            for name, each in self.instances.items()
            if name not in self.going
        }
        self.going = set()

    def _execute(self, step: Step) -> None:
        error, secrets = None, {}
        match step.action:
            case Generate(variable=variable):
                secrets = {f"secret:{variable}": "5f0f9a3e"}
            case CreateInstance(zone=zone) if zone in self.full:
                error = NO_ROOM
            case CreateInstance() as action:
                assert action.instance not in self.instances
                self.instances[action.instance] = _made(action)
            case StartInstance(instance=name):
                started = replace(self.instances[name], status="PROVISIONING")
                self.instances[name] = started
            case DeleteInstance(instance=name):
                self.instances[name] = replace(self.instances[name], status="STOPPING")
                self.going.add(name)
        self._remember(step, self.now, error, {**KIND.attributes(step), **secrets})

    def _remember(
        self, step: Step, at: datetime, error: OutsideError | None, attributes: Mapping[str, str]
    ) -> None:
        outcome = Outcome(
            step.key, step.target, step.action.name, step.effect, at, error, attributes
        )
        self.memory = KIND.remember(self.memory, outcome)


def _made(action: CreateInstance) -> Instance:
    return instance(action.instance, zone=action.zone, status="PROVISIONING", labels=action.labels)


@given(
    replicas=st.integers(0, 6),
    there=st.dictionaries(st.integers(1, 8), st.sampled_from(STATUSES), max_size=6),
    full=st.frozensets(st.sampled_from(ZONES), max_size=2),
)
def test_a_pool_converges_and_then_rests(
    replicas: int, there: dict[int, str], full: frozenset[str]
) -> None:
    core = pool(replicas=replicas, zones=list(ZONES), userData=TOKEN)
    cloud = ToyCloud(core, there, full)
    for _ in range(MINUTES_MAX):
        cloud.minute()
    status = KIND.status(
        core,
        KIND.observe(core, cloud.world()),
        KIND.diff(core, KIND.observe(core, cloud.world())),
        (),
        cloud.now,
    )
    assert cloud.plan().steps == ()
    assert status.holds("Ready")
    assert set(cloud.instances) == {f"core{at}" for at in range(1, replicas + 1)}
