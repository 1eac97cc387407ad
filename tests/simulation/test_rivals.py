"""The rivals of a story: good documents, each refused for what it names, and for that alone."""

import random

import pytest

from steersman.engine.acceptance.accept import Acceptance, accept
from steersman.engine.acceptance.claims import record_of
from steersman.engine.acceptance.reader import Reader
from steersman.kinds import KINDS
from steersman.model.ports import Item
from steersman.model.resource import DESIRED, Key
from steersman.model.shared import Shared
from tests.simulation.generate import generate
from tests.simulation.rivals import path_of_rival, rival_of, rivals
from tests.simulation.script import Happening
from tests.simulation.stage import OWNER

SEED = 5  # it has a document of each kind
HOUR_SECONDS = 3600.0
DOCUMENTS = generate(SEED, 0.1).documents
CASES = [
    pytest.param("nodepool/core", False, id="nodepool"),
    pytest.param("unit/web", False, id="unit"),
    pytest.param("unit/elasticsearch", False, id="unit without a name"),
    pytest.param("configkey/web", False, id="key"),
    pytest.param("configkey/web", True, id="what lies below a key"),
    pytest.param("elasticsearch/es-prod", False, id="directory"),
]


def accepted(documents: dict[str, str], *, before: dict[str, str]) -> Acceptance:
    """What comes of all these where those stood before."""
    items = {
        path: Item(path, text.encode(), number, number)
        for number, (path, text) in enumerate(documents.items(), start=1)
    }
    records = {
        Key.parse(path.removeprefix(DESIRED)): record_of("home", items[path]) for path in before
    }
    return accept({"home": Shared.of(items)}, records, Reader(KINDS), OWNER)


@pytest.mark.parametrize(("name", "below"), CASES)
def test_a_rival_is_refused_for_what_it_names_and_only_for_that(name: str, below: bool) -> None:
    path = f"{DESIRED}{name}"
    others = {each: text for each, text in DOCUMENTS.items() if each != path}
    rival = {path_of_rival(path): rival_of(path, DOCUMENTS[path], below=below)}
    key = Key.parse(path_of_rival(name))

    assert key in accepted({**others, **rival}, before=others).resources
    beside = accepted({**DOCUMENTS, **rival}, before=dict(DOCUMENTS))
    assert key not in beside.resources
    assert "Claimed" in [each.reason for each in beside.conditions[key]]


ALL_GONE = Happening(600.0, "wipe", seconds=60)
TAKEN_DOWN = tuple(
    Happening(600.0, "put", path, text='{"metadata": {"deleting": true}, "spec": {}}')
    for path in DOCUMENTS
)


@pytest.mark.parametrize("others", [(ALL_GONE,), TAKEN_DOWN], ids=["wiped", "taken down"])
def test_nobody_wants_what_may_be_free_for_a_while(others: tuple[Happening, ...]) -> None:
    assert wanted() != set()
    assert wanted(*others) == set()


def wanted(*others: Happening) -> set[str]:
    """Whose objects somebody else wants in some story in which this happens, too."""
    stories = (rivals(random.Random(seed), DOCUMENTS, others, HOUR_SECONDS) for seed in range(50))
    return {each.name for story in stories for each in story}
