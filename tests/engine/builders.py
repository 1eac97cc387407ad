"""Lamps, steps and worlds for tables. What a test does not name is ordinary."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from steersman.model.observed import ComputeSnapshot, Instance
from steersman.model.outcome import Pending
from steersman.model.plan import Action, Effect, Step, Target
from steersman.model.resource import Key, Metadata, Policy, Resource, Source, uid
from steersman.model.status import Condition, Status
from steersman.model.world import World
from tests.engine.toy import ZONE, Install, LampSpec, target_of

NOW = datetime(2014, 9, 1, 12, 0, tzinfo=UTC)
OWNER = "tests"
A, B, C = (Key("lamp", name) for name in "abc")
ATTEMPT = "5f0f9a3e-0000-4000-8000-000000000000"
STALE_AFTER = {"compute": timedelta(seconds=45)}
ESTABLISHED = Status((Condition("Established", "True", "ReadyOnce"),))


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def lamp(
    name: str = "a",
    *,
    annotations: Mapping[str, str] | None = None,
    depends_on: tuple[Key, ...] = (),
    policy: Policy = Policy(),  # noqa: B008 - frozen
    **spec: Any,
) -> Resource[LampSpec]:
    key = Key("lamp", name)
    metadata = Metadata({}, annotations or {}, depends_on, policy)
    return Resource(key, uid(OWNER, key), metadata, LampSpec(**spec), Source("home", 7, "0" * 64))


def instance(name: str = "a", status: str = "RUNNING", color: str = "white") -> Instance:
    return Instance(f"id-{name}", name, ZONE, status, color, None, {})


def snapshot(*instances: Instance, age_seconds: float = 1, **others: Any) -> ComputeSnapshot:
    by_place = {f"{ZONE}/{each.name}": each for each in instances}
    return ComputeSnapshot(after(-age_seconds), by_place, **others)


def world(*resources: Resource[Any], **others: Any) -> World:
    """A leader's world, freshly observed."""
    ordinary: dict[str, Any] = {
        "owner": OWNER,
        "leading": True,
        "resources": {each.key: each for each in resources},
        "compute": snapshot(),
        "stale_after": STALE_AFTER,
    }
    return World(**{**ordinary, **others})


def step(
    effect: Effect = Effect.CREATE,
    *,
    key: Key = A,
    action: Action | None = None,
    disrupts: tuple[Key, ...] = (),
    after: tuple[str, ...] = (),
) -> Step:
    return Step(
        key, target_of(key), action or Install("white"), "Because", effect, "", disrupts, after
    )


def pending(key: Key = A, **changes: Any) -> Pending:
    """An install that was sent a moment ago, and not answered yet."""
    ordinary: dict[str, Any] = {
        "target": Target("compute", key.name),
        "action": "Install",
        "effect": Effect.CREATE,
        "attempt": ATTEMPT,
        "since": after(-2),
        "deadline": after(60),
    }
    return Pending(key, **{**ordinary, **changes})
