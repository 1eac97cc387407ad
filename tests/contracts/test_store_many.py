"""The contract of writing many keys: more than one request of any store would hold."""

from steersman.model.ports import Store

MANY = 250
LARGE = b"x" * 400_000  # four of them are more than a request of etcd may have


async def test_many_keys_are_written_over_what_was_there(store: Store, root: str) -> None:
    values = {f"{root}{number:04}": b"%d" % number for number in range(MANY)}
    await store.put(f"{root}0007", b"before")

    await store.put_all(values)

    assert {each.key: each.value for each in (await store.list(root)).items} == values


async def test_several_large_values_are_written(store: Store, root: str) -> None:
    values = dict.fromkeys((f"{root}{number}" for number in range(4)), LARGE)

    await store.put_all(values)

    assert {each.key: each.value for each in (await store.list(root)).items} == values
