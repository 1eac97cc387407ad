"""What stays registered of a document that this release cannot read: what memory tells of."""

import pytest

from steersman.kinds.elasticsearch import KIND
from steersman.model.memory import Memory
from tests.kinds.builders import NOW, instance
from tests.kinds.elasticsearch.scene import Scene, item, key, owner

WRITTEN = Memory(own={"owners": {key(node): owner(node) for node in (1, 2, 3)}})

REMEMBERED = [
    pytest.param(Scene(memory=WRITTEN), [1, 2, 3], id="what we registered stays"),
    pytest.param(Scene(), [], id="what others registered is theirs to keep"),
    pytest.param(Scene(memory=WRITTEN, items={2: None}), [1, 3], id="what is gone is not made"),
    pytest.param(
        Scene(memory=WRITTEN, items={2: item(2, expires_at=None)}),
        [1, 3],
        id="what never expires needs no keeping",
    ),
    pytest.param(
        Scene(memory=WRITTEN, instances={2: None}), [1, 3], id="the TTL of a dead node runs out"
    ),
    pytest.param(
        Scene(memory=WRITTEN, instances={2: None}, unreachable=frozenset({instance("core2").zone})),
        [1, 2, 3],
        id="of whom nobody can tell stays",
    ),
]


@pytest.mark.parametrize(("scene", "nodes"), REMEMBERED)
def test_what_is_kept_of_a_frozen_document(scene: Scene, nodes: list[int]) -> None:
    found = KIND.remembered(scene.document.key, scene.world(), NOW)

    assert [each.key for each in found] == [key(node) for node in nodes]
