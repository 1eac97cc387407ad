"""What people do: they write documents, ask for things, and answer what the operator asks."""

import json
import re
from collections.abc import Callable, Mapping

from localcloud.etcd.records import DownError, LostReplyError
from tests.simulation.restraints import Metadata, restrained
from tests.simulation.rivals import path_of_rival
from tests.simulation.script import Happening
from tests.simulation.stage import Stage
from tests.simulation.truth import CONFIGS, DESIRED, ELASTICSEARCH, REQUESTS, SERVICES, Truth
from tests.simulation.wanted import Wanted, is_leaving

RETRY_SECONDS = 5.0  # until a person tries again what a store did not take
SPOILT_CONFIG = b"cluster.name: somebody-else\nindex.number_of_shards: 99\n"
# As the operator tells people what it waits for.
APPROVE = re.compile(r"steersman approve (\S+) ([0-9a-f]{8})")
ACKNOWLEDGE = re.compile(r"steersman acknowledge ([^\s)]+)")
REWOUND = "home-rewound"
NOTE = "/notes"  # who restores a backup writes there; so no lease begins at a revision of before

Cure = Callable[[], None]
MendIn = Callable[[float, Cure], None]  # after so many seconds, or when the story gets calm


class People:
    """`wanted` learns what good documents say."""

    def __init__(self, stage: Stage, truth: Truth, wanted: Wanted, mend_in: MendIn) -> None:
        self._stage, self._truth, self._wanted = stage, truth, wanted
        self._mend_in = mend_in
        self._restraints: dict[str, Metadata] = {}  # by the path of the document

    def put(self, path: str, text: str) -> None:
        """A good document; with what it forbids at the moment."""
        text = restrained(text, self._restraints.get(path))
        if self._by_hand(lambda: self._stage.home.put(path, text.encode())):
            self._wanted.put(path, json.loads(text), self._truth.now)

    def answer(self) -> None:
        """Approve and acknowledge whatever the operator asks for. Of a document that is gone the
        status is as it was then: it asks for nothing any more."""
        for path, status in self._truth.statuses():
            if self._stage.home.peek(path) is None:
                continue
            for waiting in status.get("waiting", ()):
                self._approve(waiting["target"], waiting["message"])
            told = (*status.get("waiting", ()), *status.get("conditions", ()))
            for hold in {hold for each in told for hold in ACKNOWLEDGE.findall(each["message"])}:
                self._request("acknowledge", hold)
            if self._truth.holds(path, "Deleted"):
                self._remove(path)
        if self._truth.holds(ELASTICSEARCH, "SplitBrain"):
            self._join_the_halves()
        if self._truth.rewind_is_told() and self._request("acknowledge", REWOUND):
            self._stage.rewound_at = None  # whoever has looked before has to look again

    def resume_all(self) -> None:
        """Those, too, that came back with a backup."""
        for _, request in self._truth.paused():
            self._resume(request)

    # documents

    def put_good(self, happening: Happening) -> None:
        self.put(happening.name, happening.text)

    def put_bad(self, happening: Happening) -> None:
        """The version before stays wanted; it has to be in force, or it would be lost."""
        there = self._stage.home.peek(happening.name)
        if there and there.value.decode() == self._truth.in_force(happening.name):
            self._by_hand(lambda: self._stage.home.put(happening.name, happening.text.encode()))

    def rival(self, happening: Happening) -> Cure | None:
        """Somebody wants for a while what another document has: one that is there, and accepted."""
        there, path = happening.name, path_of_rival(happening.name)
        if not self._stage.home.peek(there) or not self._truth.in_force(there):
            return None
        self._wanted.rivals.add(path)
        self._by_hand(lambda: self._stage.home.put(path, happening.text.encode()))
        return lambda: self._take_away(path)

    def cut_back(self, happening: Happening) -> None:
        """A document asks for less."""
        path = happening.name
        document = self._wanted.all().get(path)
        if document and not is_leaving(document) and self._stage.home.peek(path):
            spec = {**document["spec"], **json.loads(happening.text)}
            self.put(path, json.dumps({**document, "spec": spec}))

    def wipe(self, happening: Happening) -> Cure | None:
        del happening
        if not self._by_hand(lambda: self._stage.home.delete_prefix(DESIRED)):
            return None
        there = self._wanted.documents()
        for path in there:
            self._wanted.remove(path, self._truth.now)
        return lambda: self._restore(there)

    def rewind(self, happening: Happening) -> Cure:
        """Somebody makes a backup of home, and later puts it back."""
        del happening
        backup, documents, at = self._stage.home.dump(), self._wanted.documents(), self._truth.now

        def put_back() -> None:
            before = self._stage.home.revision
            self._stage.home.load(backup)
            self._stage.home.put(NOTE, b"restored")
            if self._stage.home.revision < before:  # else nothing of it is lost
                self._stage.rewound_at = self._truth.now
                self._stage.was_rewound = True
            self._wanted.rewind(documents, at, self._truth.now)

        return put_back

    def restrain(self, happening: Happening) -> Cure:
        """For a while a document forbids something."""
        self._restraints[happening.name] = json.loads(happening.text)
        self._put_again(happening.name)
        return lambda: self._set_free(happening.name)

    def set_all_free(self) -> None:
        """Those, too, that came back with a backup."""
        for path, _ in tuple(self._wanted.restrained()):
            self._set_free(path)

    def _set_free(self, path: str) -> None:
        self._restraints.pop(path, None)
        self._put_again(path)

    def _put_again(self, path: str) -> None:
        text = self._wanted.documents().get(path)
        if text and self._stage.home.peek(path):
            self.put(path, text)

    def _restore(self, documents: Mapping[str, str]) -> None:
        left = {path: text for path, text in documents.items() if not self._restored(path, text)}
        if left:
            self._mend_in(RETRY_SECONDS, lambda: self._restore(left))

    def _restored(self, path: str, text: str) -> bool:
        self.put(path, text)
        return self._stage.home.peek(path) is not None

    def _take_away(self, path: str) -> None:
        self._by_hand(lambda: self._stage.home.delete_prefix(path))

    def _remove(self, path: str) -> None:
        """A document of which nothing is left."""
        if self._stage.home.peek(path) and self._by_hand(
            lambda: self._stage.home.delete_prefix(path)
        ):
            self._wanted.remove(path, self._truth.now)

    def _join_the_halves(self) -> None:
        """Of a split brain, by hand: a node that starts again finds the others."""
        followers: dict[str | None, list[str]] = {}
        for node in self._truth.nodes().values():
            followers.setdefault(node.master, []).append(node.spec.name)
        if len(followers) > 1:
            for name in min(followers.values(), key=len):
                number = name.rpartition("-")[2]
                self._stage.cloud.fleet.mishaps.unit_crash(f"elasticsearch@{number}.service")

    # requests

    def answer_all(self, happening: Happening) -> None:
        del happening
        self.answer()

    def pause(self, happening: Happening) -> Cure:
        self._asked("pause", happening.name)
        return lambda: self._resume(_key("pause", happening.name))

    def restart(self, happening: Happening) -> None:
        self._asked("restart", happening.name)

    def retry(self, happening: Happening) -> None:
        self._asked("retry", happening.name)

    def _approve(self, target: str, message: str) -> None:
        asked = APPROVE.search(message)
        if asked and self._request("approve", asked[1], asked[2]):
            self._stage.approved[target] = self._truth.now

    def _resume(self, request: str) -> None:
        self._by_hand(lambda: self._stage.home.delete_prefix(request))
        if self._stage.home.peek(request):
            self._mend_in(RETRY_SECONDS, lambda: self._resume(request))

    def _asked(self, verb: str, reference: str, digest: str = "") -> bool:
        """Whether the request stands in home now; one for the same wish is not written again."""
        there = self._stage.home.peek(_key(verb, reference, digest)) is not None
        return there or self._request(verb, reference, digest)

    def _request(self, verb: str, reference: str, digest: str = "") -> bool:
        value = json.dumps({"verb": verb, "ref": reference, "digest": digest}).encode()
        return self._by_hand(lambda: self._stage.home.put(_key(verb, reference, digest), value))

    # what is ours to write

    def edit_config(self, happening: Happening) -> None:
        del happening
        if key := self._a_key(CONFIGS):
            self._by_hand(lambda: self._stage.unit.put(key, SPOILT_CONFIG))

    def remove_config(self, happening: Happening) -> None:
        del happening
        if key := self._a_key(CONFIGS):
            self._by_hand(lambda: self._stage.unit.delete_prefix(key))

    def remove_service(self, happening: Happening) -> None:
        del happening
        if key := self._a_key(SERVICES):
            self._stage.removed_by_hand.add(key.rpartition("/")[2])
            self._by_hand(lambda: self._stage.unit.delete_prefix(key))

    def _a_key(self, prefix: str) -> str | None:
        return next(iter(self._truth.keys(prefix)), None)

    def _by_hand(self, write: Callable[[], object]) -> bool:
        """Whether it was applied: a person looks, where the answer got lost."""
        try:
            write()
        except DownError:
            return False
        except LostReplyError:
            pass
        return True


def _key(verb: str, reference: str, digest: str = "") -> str:
    """The key of a request."""
    return f"{REQUESTS}{verb}-{reference.replace('/', '-')}-{digest}"


DOINGS: Mapping[str, Callable[[People, Happening], Cure | None]] = {
    "put": People.put_good,
    "put-bad": People.put_bad,
    "rival": People.rival,
    "cut-back": People.cut_back,
    "wipe": People.wipe,
    "rewind": People.rewind,
    "restrain": People.restrain,
    "answer": People.answer_all,
    "pause": People.pause,
    "restart": People.restart,
    "retry": People.retry,
    "edit-config": People.edit_config,
    "remove-config": People.remove_config,
    "remove-service": People.remove_service,
}
