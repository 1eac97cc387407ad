"""What the steps do to the stores, and that they touch only what they were decided on."""

import json
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from localcloud.clock import ManualClock
from localcloud.etcd.model import EtcdModel
from steersman.clients.etcd2 import Etcd2Store
from steersman.kinds.elasticsearch import KIND
from steersman.kinds.elasticsearch.plan import (
    Deregister,
    RecordBootstrap,
    Register,
    RepairDirectory,
)
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.kind import Attempt, Ports
from steersman.model.observed import KeyItem
from steersman.model.outcome import BootstrapIs, Done, KeyGone, KeysAt
from steersman.model.plan import Action, Effect, Step, Target
from steersman.model.ports import Item, Store
from steersman.model.resource import Key
from tests.kinds.elasticsearch.scene import PATH, VALUE, key, owner, unit
from tests.simulation.adapters_store import ModelStore
from tests.support.etcd import EtcdServer

RECORD = "/steersman/bootstrap/es-prod"
REGISTER = Register(key(1), VALUE, 300, owner(1))
FORMING = RecordBootstrap("es-prod", "forming", unit(1))
FORMED = RecordBootstrap("es-prod", "formed", unit(1))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def store(clock: ManualClock) -> ModelStore:
    return ModelStore(EtcdModel(clock), clock)


async def execute(store: Store, action: Action) -> Done:
    where = {
        Register: lambda: Target("keys", key(1)),
        RecordBootstrap: lambda: Target("home", RECORD),
    }.get(type(action), lambda: Target("keys", PATH))()
    step = Step(Key("elasticsearch", "es-prod"), where, action, "Because", Effect.REPAIR)
    driver = KIND.driver(Ports(store, store, random.Random(1)))
    return await driver.execute(step, Attempt("attempt-1", 8.0))


async def there(store: Store, at: str) -> Item:
    item = await store.get(at)
    assert item is not None
    return item


def as_seen(item: Item) -> KeyItem:
    return KeyItem(item.key, item.value.decode(), item.revision, item.expires_at)


async def refused(store: Store, action: Action) -> None:
    with pytest.raises(OutsideError) as raised:
        await execute(store, action)
    assert raised.value.kind is ErrorClass.CONFLICT


async def test_a_registration_holds_the_value_and_expires(
    store: ModelStore, clock: ManualClock
) -> None:
    done = await execute(store, REGISTER)
    item = await there(store, key(1))

    assert (item.value, done) == (VALUE.encode(), Done(KeysAt(item.revision)))
    assert item.expires_at == datetime.fromtimestamp(clock.now() + 300, UTC)


async def test_nobody_elses_registration_is_written_over(store: ModelStore) -> None:
    await store.put(key(1), b"somebody's")
    await refused(store, REGISTER)
    assert (await there(store, key(1))).value == b"somebody's"


async def test_a_rewrite_goes_over_what_was_seen(store: ModelStore) -> None:
    await store.put(key(1), b"wrong")
    seen = as_seen(await there(store, key(1)))
    await execute(store, replace(REGISTER, replaces=seen))

    item = await there(store, key(1))
    assert item.value == VALUE.encode()
    assert item.expires_at is not None


async def test_a_rewrite_stops_when_it_was_changed_again(store: ModelStore) -> None:
    await store.put(key(1), b"wrong")
    seen = as_seen(await there(store, key(1)))
    await store.put(key(1), b"changed again")
    await refused(store, replace(REGISTER, replaces=seen))


async def test_a_dead_nodes_registration_is_removed(store: ModelStore) -> None:
    await execute(store, REGISTER)
    seen = as_seen(await there(store, key(1)))

    assert await execute(store, Deregister(seen)) == Done(KeyGone(seen.revision))
    assert await store.get(key(1)) is None


async def test_what_somebody_else_wrote_since_is_not_removed(store: ModelStore) -> None:
    await execute(store, REGISTER)
    seen = as_seen(await there(store, key(1)))
    await store.put(key(1), b"somebody's")
    await refused(store, Deregister(seen))


async def test_what_is_gone_already_is_looked_at_again(store: ModelStore) -> None:
    await refused(store, Deregister(KeyItem(key(1), VALUE, 7)))


async def test_a_key_in_the_directorys_place_is_removed(store: ModelStore) -> None:
    await store.put(PATH, VALUE.encode())
    await execute(store, RepairDirectory(as_seen(await there(store, PATH))))
    assert await store.get(PATH) is None


@pytest.fixture
async def etcd2(etcd_server: EtcdServer) -> AsyncIterator[Etcd2Store]:
    store = Etcd2Store([etcd_server.endpoint])
    yield store
    await store.close()


async def test_refreshes_that_etcd_v2_told_nobody_of_do_not_keep_the_dead(
    etcd2: Etcd2Store,
) -> None:
    await execute(etcd2, REGISTER)
    seen = as_seen(await there(etcd2, key(1)))
    refreshed = await etcd2.refresh(key(1), 300, seen.revision)
    assert refreshed not in (None, seen.revision)

    await execute(etcd2, Deregister(seen))
    assert await etcd2.get(key(1)) is None


async def test_a_key_in_the_directorys_place_keeps_etcd_v2_from_registering(
    etcd2: Etcd2Store,
) -> None:
    path = "/services/leaf"
    await etcd2.put(path, VALUE.encode())
    registration = replace(REGISTER, key=f"{path}/10.0.0.1")
    with pytest.raises(OutsideError):
        await execute(etcd2, registration)

    await execute(etcd2, RepairDirectory(as_seen(await there(etcd2, path))))
    await execute(etcd2, registration)
    assert [item.key for item in (await etcd2.list(path + "/")).items] == [registration.key]


async def test_the_record_goes_from_forming_to_formed(store: ModelStore) -> None:
    said = []
    for action in (FORMING, FORMING, FORMED, FORMED):  # each twice: a lost answer is no harm
        assert await execute(store, action) == Done(BootstrapIs("es-prod", action.phase))
        said.append(json.loads((await there(store, RECORD)).value))

    forming, formed = ({"phase": phase, "seed": unit(1)} for phase in ("forming", "formed"))
    assert said == [forming, forming, formed, formed]


async def test_a_cluster_that_formed_never_forms_again(store: ModelStore) -> None:
    await execute(store, FORMED)
    await refused(store, FORMING)
    assert json.loads((await there(store, RECORD)).value)["phase"] == "formed"


async def test_another_seed_is_not_recorded_over_the_first(store: ModelStore) -> None:
    await execute(store, FORMING)
    await refused(store, replace(FORMING, seed=unit(2)))
