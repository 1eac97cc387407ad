"""Random edits of documents in both stores, of the operator's records and of the outside."""

import json
from dataclasses import dataclass, field

from hypothesis import strategies as st

from steersman.engine.acceptance.accept import NOTHING, Acceptance, accept
from steersman.engine.acceptance.claims import Accepted, claim_of, record_of
from steersman.engine.acceptance.reader import Reader
from steersman.model.document import DocumentError
from steersman.model.ports import Item
from steersman.model.reading import Read
from steersman.model.resource import Key
from steersman.model.shared import Shared
from tests.engine.builders import OWNER
from tests.engine.toy import KINDS

READER = Reader(KINDS)
LAMPS = st.sampled_from(["lamp/a", "lamp/b", "lamp/c"])
NAMES = LAMPS | st.sampled_from(["lamps/a", "lamp/A"])  # some name no resource
ROLES = st.sampled_from(["home", "unit"])
CHAINS = st.sampled_from(["a", "b", "c"])  # so few that cycles are common
CHAINED = st.builds(lambda to: json.dumps({"spec": {"chain": to}}), CHAINS)
HOOKS = st.lists(st.sampled_from(["/x", "/x/y", "/x/z", "/q"]), min_size=1, max_size=2, unique=True)
HOOKED = st.builds(lambda hooks: json.dumps({"spec": {"hooks": hooks}}), HOOKS)
TEXTS = st.one_of(
    CHAINED,
    HOOKED,
    st.builds(lambda to, on: json.dumps({"spec": {"chain": to, "hooks": on}}), CHAINS, HOOKS),
    st.builds(
        lambda to: json.dumps({"metadata": {"dependsOn": [f"lamp/{to}"]}, "spec": {}}), CHAINS
    ),
    st.sampled_from(["spec: {color: red}", "spec: [", "spec: {colour: red}", "\ufeffspec: {}"]),
    st.just("metadata: {deleting: true}\nspec: {}"),
)


@dataclass(frozen=True)
class Put:
    """`text` None deletes the document."""

    role: str
    name: str
    text: str | None


@dataclass(frozen=True)
class Record:
    """What an earlier release accepted, which this one may not be able to read."""

    role: str
    name: str
    text: str


@dataclass(frozen=True)
class Spoil:
    """The record of a name cannot be read any more."""

    name: str


@dataclass(frozen=True)
class Gone:
    """Nothing is left of it outside."""

    name: str


class Claim:
    """The leader writes the claims, and takes the records away of what is forgotten."""


Edit = Put | Record | Spoil | Gone | Claim
EDITS = st.one_of(
    st.builds(Put, ROLES, NAMES, st.none() | TEXTS),
    st.builds(Put, st.just("home"), LAMPS, CHAINED | HOOKED),
    st.builds(Record, ROLES, st.sampled_from(["lamp/a", "lamp/b", "candle/x"]), TEXTS),
    st.builds(Spoil, LAMPS),
    st.builds(Gone, NAMES),
    st.builds(Claim),
)


@dataclass
class Stores:
    documents: dict[str, Shared[str, Item]] = field(
        default_factory=lambda: {"home": Shared({}), "unit": Shared({})}
    )
    accepted: Shared[Key, Accepted] = field(default_factory=lambda: Shared({}))
    gone: set[Key] = field(default_factory=set)
    revision: int = 0

    def apply(self, edit: Edit, last: Acceptance) -> None:
        self.revision += 1
        match edit:
            case Put(role, name, text):
                item = self._item(name, text) if text is not None else None
                self.documents[role] = self.documents[role].updated({f"/desired/{name}": item})
            case Record(role, name, text):
                before = self.accepted.get(Key.parse(name))
                record = record_of(role, self._item(name, text), before)
                self.accepted = self.accepted.put(Key.parse(name), record)
            case Spoil(name):
                record = claim_of(self._item(name, "{"))
                self.accepted = self.accepted.put(Key.parse(name), record)
            case Gone(name):
                self.gone.add(Key.parse(name))
            case Claim():
                fresh = dict(last.claims) | dict.fromkeys(last.forgotten)
                self.accepted = self.accepted.updated(fresh)

    def acceptance(self, before: Acceptance = NOTHING) -> Acceptance:
        return accept(
            self.documents, self.accepted, READER, OWNER, self.gone.__contains__, before=before
        )

    def _item(self, name: str, text: str) -> Item:
        return Item(f"/desired/{name}", text.encode(), self.revision, self.revision)


class Counting(Reader):
    """Tells which keys it was asked to read."""

    def __init__(self) -> None:
        super().__init__(KINDS)
        self.asked: set[Key] = set()

    def __call__(self, key: Key, content: bytes) -> Read | DocumentError:
        self.asked.add(key)
        return super().__call__(key, content)
