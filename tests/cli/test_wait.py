import hashlib
import socket
import threading
from dataclasses import replace

import pytest

from steersman.cli.work.waiting import Seen, Wanted, missing
from steersman.engine.acceptance.claims import HOME
from steersman.engine.home.records import STATUS
from steersman.model.ports import Item
from steersman.model.resource import DESIRED
from tests.cli.support import Etcd, Told, status, steersman

DOCUMENT = "spec: {value: x}\n"
STATUS_LEFT = Item("/status/configkey/a", b"{}", revision=7, created=3)
CURRENT = hashlib.sha256(DOCUMENT.encode()).hexdigest()
OLDER = hashlib.sha256(b"spec: {value: w}\n").hexdigest()
DEADLINE_SECONDS = 90
PATIENTLY = ("--timeout", str(DEADLINE_SECONDS))
TOLD_SECONDS = "10"  # in which everything was surely looked at


def put(etcd: Etcd, name: str, sha256: str = CURRENT, **conditions: tuple[str, str]) -> None:
    etcd.put(f"/desired/configkey/{name}", DOCUMENT)
    etcd.put(f"/status/configkey/{name}", status(sha256, conditions))


def test_what_is_ready_needs_no_wait(etcd: Etcd) -> None:
    put(etcd, "a", Ready=("True", ""))
    assert steersman("wait", "cfg/a", *PATIENTLY).code == 0
    assert steersman("wait", "--all", *PATIENTLY).code == 0


def test_another_condition_and_another_value_can_be_wanted(etcd: Etcd) -> None:
    put(etcd, "a", Drifted=("False", ""))
    assert steersman("wait", "cfg/a", "--for", "Drifted=false", *PATIENTLY).code == 0
    assert steersman("wait", "cfg/a", "--for", "Drifted", "--timeout", "1").code == 3


def test_a_timeout_says_what_is_missing_and_why(etcd: Etcd) -> None:
    put(etcd, "fine", Ready=("True", ""))
    put(etcd, "broken", Ready=("False", "2/3 nodes"))
    put(etcd, "refused", OLDER, Ready=("True", ""), Accepted=("False", "no value"))
    put(etcd, "changed", OLDER, Ready=("True", ""))
    put(etcd, "untold")
    put(etcd, "unaccepted", Accepted=("False", "no spec"))
    etcd.put("/desired/configkey/new", DOCUMENT)
    ended = steersman("wait", "--all", "--timeout", TOLD_SECONDS)
    assert ended.code == 3
    assert ended.err.splitlines() == [
        "steersman: timed out waiting for Ready=True",
        "  configkey/broken: Ready is False: 2/3 nodes",
        "  configkey/changed: the document is not in force yet",
        "  configkey/new: no status yet",
        "  configkey/refused: the document is not accepted: no value",
        "  configkey/unaccepted: the document is not accepted: no spec",
        "  configkey/untold: Ready is not told",
    ]


def test_being_ready_for_an_older_document_is_not_enough(etcd: Etcd) -> None:
    put(etcd, "a", OLDER, Ready=("True", ""))
    assert steersman("wait", "cfg/a", "--timeout", "1").code == 3


def test_the_wait_ends_when_the_status_comes(etcd: Etcd) -> None:
    etcd.put("/desired/configkey/a", DOCUMENT)
    begun = threading.Event()

    def become_ready() -> None:
        begun.set()
        put(etcd, "a", Ready=("True", ""))

    later = threading.Timer(0.5, become_ready)
    later.start()
    assert steersman("wait", "cfg/a", *PATIENTLY).code == 0
    assert begun.is_set()
    later.join(DEADLINE_SECONDS)


def test_a_document_that_nobody_wrote_is_not_waited_for(etcd: Etcd) -> None:
    ended = steersman("wait", "--all")
    assert (ended.code, ended.err) == (4, "steersman: there is no document\n")
    put(etcd, "a", Ready=("True", ""))
    ended = steersman("wait", "cfg/b")
    assert (ended.code, ended.err) == (4, "steersman: configkey/b is not there\n")


def test_documents_of_the_unit_store_count(etcd: Etcd) -> None:
    etcd.put("/status/configkey/a", status(CURRENT, {"Ready": ("True", "")}))
    path = "/v2/keys/desired/configkey/a"
    etcd.server.send("PUT", f"{path}?value=spec:%20%7Bvalue:%20x%7D%0A")
    ended = steersman("wait", "cfg/a", *PATIENTLY, "--unit-store", etcd.unit)
    etcd.server.send("DELETE", "/v2/keys/desired?recursive=true")
    assert ended.code == 0, ended.err


def test_a_timeout_names_the_store_that_says_nothing(etcd: Etcd) -> None:
    put(etcd, "a", Ready=("True", ""))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"etcd2://127.0.0.1:{silent.getsockname()[1]}"
        ended = steersman("wait", "cfg/a", "--timeout", "1", "--unit-store", url)
    assert ended.code == 3
    assert "  the unit store: no answer yet" in ended.err.splitlines()


def test_the_daemon_is_not_asked(etcd: Etcd, told: Told) -> None:
    del told
    put(etcd, "a", Ready=("True", ""))
    assert steersman("wait", "cfg/a", *PATIENTLY, "--api", "nonsense").code == 0


def refuse(etcd: Etcd, sha256: str, reason: str) -> None:
    etcd.put("/desired/configkey/a", DOCUMENT)
    told = status(sha256, {"Accepted": ("False", "no value")})
    told["conditions"][0]["reason"] = reason
    etcd.put("/status/configkey/a", told)


def test_a_document_that_is_refused_as_it_stands_is_not_waited_for(etcd: Etcd) -> None:
    refuse(etcd, CURRENT, "Invalid")
    ended = steersman("wait", "cfg/a", *PATIENTLY)

    assert (ended.code, ended.err) == (5, "steersman: configkey/a is not accepted: no value\n")
    assert steersman("wait", "cfg/a", "--for", "Accepted=False", *PATIENTLY).code == 0


def test_what_may_be_accepted_yet_is_waited_for(etcd: Etcd) -> None:
    """Another version was refused, or this one for what other documents say."""
    for sha256, reason in ((OLDER, "Invalid"), (CURRENT, "Cycle")):
        refuse(etcd, sha256, reason)

        assert steersman("wait", "cfg/a", "--timeout", "1").code == 3


@pytest.mark.parametrize("nothing", [b"{", b"{}"])
def test_a_status_that_cannot_be_read_is_not_what_is_waited_for(nothing: bytes) -> None:
    document = Item("/desired/configkey/a", DOCUMENT.encode(), revision=6, created=6)
    seen: Seen = {
        (HOME, DESIRED): {document.key: document},
        (HOME, STATUS): {STATUS_LEFT.key: replace(STATUS_LEFT, value=nothing)},
    }

    told = missing(seen, document.key, Wanted("Ready", "True"))
    assert told == {"configkey/a": "its status cannot be read"}


@pytest.mark.parametrize(
    ("left", "condition", "met"),
    [
        pytest.param({}, "Deleted", True, id="somebody was quicker to remove it"),
        pytest.param({"/status/configkey/a": STATUS_LEFT}, "Deleted", False, id="it is released"),
        pytest.param({}, "Ready", False, id="what is gone is not ready"),
    ],
)
def test_what_was_deleted_is_deleted_though_its_document_is_gone(
    left: dict[str, Item], condition: str, met: bool
) -> None:
    seen: Seen = {(HOME, DESIRED): {}, (HOME, STATUS): left}

    assert (missing(seen, "/desired/configkey/a", Wanted(condition, "True")) == {}) == met
