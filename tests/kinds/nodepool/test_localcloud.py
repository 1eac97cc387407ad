"""A pool's steps through the real client against the local cloud: what they do is what was meant.

The journal is the local cloud's own account of what it was asked to write.
"""

import random
import uuid
from collections.abc import AsyncIterator
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any, cast

import pytest

from localcloud.clock import ManualClock
from localcloud.compute.model import Compute
from localcloud.compute.server import app
from localcloud.journal import Journal
from steersman.clients.gce import ComputeClient
from steersman.kinds import KINDS
from steersman.kinds.nodepool import KIND
from steersman.kinds.nodepool.driver import body as instance_body
from steersman.kinds.nodepool.plan import CreateInstance
from steersman.kinds.nodepool.spec import NodePool
from steersman.model.document import body
from steersman.model.errors import OutsideError
from steersman.model.kind import Attempt, Ports
from steersman.model.memory import Memory
from steersman.model.observed import ComputeSnapshot, Machine
from steersman.model.outcome import Done, Outcome
from steersman.model.plan import Plan, Step
from steersman.model.ports import Store
from steersman.model.reading import key_in, read
from steersman.model.resource import Resource
from steersman.model.world import World
from tests.clients.replay import serving_app
from tests.kinds import builders
from tests.kinds.builders import NOW

MANIFEST = Path(__file__).parents[3] / "manifests" / "post" / "core.yaml"
ZONE = "europe-west1-b"
LONG_SECONDS = 60.0  # more than any operation takes
PASSES_MAX = 5


def example(**edits: Any) -> Resource[NodePool]:
    """The pool of manifests/post/core.yaml."""
    document = body(MANIFEST.read_bytes())
    key = key_in(document, KINDS)
    spec = cast(NodePool, read(key, document, KINDS).spec)
    return builders.resource(KIND, key.name, {**spec.model_dump(exclude_none=True), **edits})


class Story:
    """One pool, its memory, and the cloud that it lives in."""

    def __init__(self, cloud: Compute, journal: Journal, clock: ManualClock, url: str) -> None:
        self.cloud = cloud
        self.journal = journal
        self.clock = clock
        self.client = ComputeClient("p", endpoint=url, credentials="anonymous")
        self.random = random.Random(2)
        self.pool = example()
        self.memory = Memory()
        nothing = cast(Store, None)
        self.driver = KIND.driver(Ports(nothing, nothing, self.random, self.client))

    async def world(self) -> World:
        """As the informers would show it: every running instance has joined the fleet."""
        listed = (await self.client.list_instances()).instances
        running = [each for each in listed if each.status == "RUNNING" and each.ip]
        machines = (Machine(f"m-{each.name}", each.ip or "", {}) for each in running)
        return builders.world(
            self.pool,
            compute=ComputeSnapshot(NOW, {f"{each.zone}/{each.name}": each for each in listed}),
            fleet=builders.fleet(*machines),
            memory={self.pool.key: self.memory},
        )

    async def plan(self) -> Plan:
        return self.plan_in(await self.world())

    def plan_in(self, world: World) -> Plan:
        observed = KIND.observe(self.pool, world)
        return KIND.plan(self.pool, observed, KIND.diff(self.pool, observed), self.memory, NOW)

    async def execute(self, step: Step) -> Done:
        attempt = Attempt(str(uuid.UUID(int=self.random.getrandbits(128), version=4)), 10.0)
        done = await self.driver.execute(step, attempt)
        attributes = {**KIND.attributes(step), **done.attributes}
        outcome = Outcome(
            step.key, step.target, step.action.name, step.effect, NOW, attributes=attributes
        )
        self.memory = KIND.remember(self.memory, outcome)
        return done

    async def converge(self) -> None:
        for _ in range(PASSES_MAX):
            steps = (await self.plan()).steps
            if not steps:
                return
            for step in steps:
                await self.execute(step)
            self.advance()
        pytest.fail(f"no rest after {PASSES_MAX} passes")

    def advance(self) -> None:
        self.clock.advance(LONG_SECONDS)
        self.cloud.tick()

    def written(self) -> list[tuple[str, str]]:
        return [(entry.action, entry.target.rpartition("/")[2]) for entry in self.journal]


@pytest.fixture
async def story() -> AsyncIterator[Story]:
    clock, journal = ManualClock(), Journal()
    cloud = Compute(clock, random.Random(1), IPv4Network("127.20.0.0/16"))
    async with serving_app(app(cloud, journal)) as url:
        story = Story(cloud, journal, clock, url)
        yield story
        await story.client.close()


async def test_the_example_becomes_three_nodes_with_one_token(story: Story) -> None:
    await story.converge()
    assert story.written() == [("insert", "core1"), ("insert", "core2"), ("insert", "core3")]
    nodes = story.cloud.state.instances.values()
    assert {node.machine_type for node in nodes} == {"g1-small"}
    token = story.memory.own["generated"]["token"]
    wanted = f"discovery: http://discovery:4001/v2/keys/{token}\n"
    assert all(wanted in node.metadata["user-data"] for node in nodes)
    assert all(node.labels["role"] == "core" for node in nodes)
    assert all(disk.size_gb == 20 for disk in story.cloud.state.disks.values())


async def test_a_stopped_node_is_started_and_a_lost_one_made_again(story: Story) -> None:
    await story.converge()
    story.cloud.mishaps.crash("core2")
    story.cloud.mishaps.vanish("core3")
    story.advance()
    await story.converge()
    assert sorted(story.written()[3:]) == [("insert", "core3"), ("start", "core2")]
    assert {node.status for node in story.cloud.state.instances.values()} == {"RUNNING"}


async def test_a_node_that_the_list_does_not_show_yet_is_not_made_twice(story: Story) -> None:
    await story.converge()
    blind = builders.world(
        story.pool, compute=builders.compute(), memory={story.pool.key: story.memory}
    )
    creations = story.plan_in(blind).steps
    assert [await story.execute(step) for step in creations] == [Done()] * 3
    assert len(story.cloud.state.instances) == 3


async def test_a_smaller_pool_gives_its_last_nodes_back_with_their_disks(story: Story) -> None:
    await story.converge()
    story.pool = example(replicas=1)
    await story.converge()
    assert story.written()[3:] == [("delete", "core3"), ("delete", "core2")]
    assert [disk.name for disk in story.cloud.state.disks.values()] == ["core1"]


async def test_nodes_that_are_there_get_the_labels_and_tags_of_the_document(story: Story) -> None:
    await story.converge()
    before = {node.name: node.id for node in story.cloud.state.instances.values()}
    story.pool = example(tags=["core", "gold"], labels={"role": "core", "tier": "gold"})
    await story.converge()
    nodes = story.cloud.state.instances.values()
    assert {node.name: node.id for node in nodes} == before
    assert {node.labels["tier"] for node in nodes} == {"gold"}
    assert {tuple(sorted(node.tags)) for node in nodes} == {("core", "gold")}
    assert {node.labels["steersman-uid"] for node in nodes} == {story.pool.uid}


async def test_an_instance_of_somebody_else_is_left_alone(story: Story) -> None:
    [generation] = (await story.plan()).steps
    await story.execute(generation)
    creation, *_ = (await story.plan()).steps
    assert isinstance(creation.action, CreateInstance)
    foreign = {**instance_body(creation.action), "labels": {}}
    story.cloud.instances.insert(ZONE, foreign)
    story.advance()
    with pytest.raises(OutsideError, match="alreadyExists"):
        await story.execute(creation)
    assert [node.labels for node in story.cloud.state.instances.values()] == [{}]
    assert [wait.reason for wait in (await story.plan()).waits] == ["NameTaken"]
