import hashlib
from typing import Any

import pytest
import yaml

from steersman.cli.show.notices import LINES_MAX
from steersman.cli.show.resources import counts, state
from steersman.model.resource import Key, uid
from tests.cli.support import Etcd, Told, event, resource, status, steersman

WAITING = {
    "target": "fleet:es@3.service",
    "gate": "backoff",
    "reason": "BackingOff",
    "message": "failed 3 times",
    "until": None,
}
DOCUMENT = "spec: {value: x}\n"
LONG_AGO = "2014-09-01T12:00:00Z"


def words(lines: list[str]) -> list[list[str]]:
    return [line.split() for line in lines]


def test_all_resources_stand_in_one_table(told: Told) -> None:
    members = {"desired": 3, "ready": 3, "members": []}
    told.items = [
        resource("nodepool", "core", message="3/3 nodes", summary=members),
        resource("unit", "es", ready="False", message="@3 failed", waiting=[WAITING]),
    ]
    told.rejected = [{"key": "/desired/nodepools/x", "message": "unknown kind 'nodepools'"}]
    told.unmanaged = [{"kind": "unit", "name": "old", "reason": "Released"}]
    header, titles, *rows, unmanaged = words(steersman("get").lines)
    assert header == ["leader", "nobody", "observed:", "home", "3s"]
    assert titles == ["KIND/NAME", "READY", "DRIFT", "STATE", "AGE", "MESSAGE"]
    ages = [row.pop(4) for row in rows]
    assert ages[2] == "-"
    assert ages[0].endswith("d")
    assert [" ".join(row) for row in rows] == [
        "nodepool/core 3/3 - Ready 3/3 nodes",
        "unit/es - 2 Waiting @3 failed; waits: backoff (failed 3 times)",
        "/desired/nodepools/x - - Rejected unknown kind 'nodepools'",
    ]
    assert unmanaged == ["unmanaged:", "unit/old", "(Released)"]


ORPHAN = {
    "kind": "instance",
    "name": "europe-west1-b/core9",
    "reason": "Orphan",
    "message": "carries our mark",
}
RELEASED = {"kind": "unit", "name": "old", "reason": "Released", "message": "its document is gone"}


def test_what_is_unmanaged_is_told_by_itself(told: Told) -> None:
    told.items = [resource("nodepool", "core")]
    told.unmanaged = [RELEASED, ORPHAN]
    assert words(steersman("get", "--unmanaged").lines) == [
        ["KIND/NAME", "REASON", "MESSAGE"],
        ["unit/old", "Released", "its", "document", "is", "gone"],
        ["instance/europe-west1-b/core9", "Orphan", "carries", "our", "mark"],
    ]
    assert steersman("get", "--unmanaged", "Unit", "-o", "name").lines == ["unit/old"]
    assert steersman("get", "--unmanaged", "instance", "-o", "json").json == {
        "kind": "List",
        "items": [],
        "rejected": [],
        "unmanaged": [ORPHAN],
        "notices": [],
    }
    assert steersman("get", "--unmanaged", "machine").lines == ["nothing is unmanaged"]
    assert steersman("get", "--unmanaged", "machines").code == 64


def test_many_that_are_unmanaged_are_counted_below_the_table(told: Told) -> None:
    told.unmanaged = [RELEASED, *[ORPHAN] * 300]
    assert steersman("get").lines[-1] == (
        "unmanaged: 1 unit (Released), 300 instance (Orphan); steersman get --unmanaged tells which"
    )


def test_the_leader_is_named_as_home_has_it(told: Told, etcd: Etcd) -> None:
    del told
    leader = {"identity": "core2-17", "since": "2014-09-01T12:00:00+00:00"}
    etcd.put("/steersman/leader", leader)
    assert steersman("get").lines[0].startswith("leader core2-17 (")


def test_programs_get_what_the_daemon_says(told: Told) -> None:
    told.items = [resource("nodepool", "core"), resource("unit", "es")]
    told.rejected = [{"key": "/desired/x", "message": "?"}]
    assert steersman("get", "-o", "json").json == told.resources()
    assert steersman("get", "NP", "-o", "json").json["items"] == [told.items[0]]
    assert steersman("get", "Unit/ES", "-o", "json").json == told.items[1]
    assert yaml.safe_load(steersman("get", "unit/es", "-o", "yaml").out) == told.items[1]
    assert steersman("get", "-o", "name").lines == ["nodepool/core", "unit/es"]


def test_wide_tells_the_document_too(told: Told) -> None:
    told.items = [resource("unit", "es")]
    row = steersman("get", "unit/es", "-o", "wide").lines[1].split()
    assert row[5:] == ["home", "7", "uid-of-es"]


def test_what_is_not_there_is_not_found(told: Told) -> None:
    del told
    ended = steersman("get", "unit/es")
    assert (ended.code, ended.err) == (4, "steersman: unit/es is not there\n")


@pytest.mark.parametrize("command", ["get", "describe", "why"])
def test_what_is_not_there_is_told_with_what_may_have_been_meant(told: Told, command: str) -> None:
    told.items = [resource("unit", "es"), resource("nodepool", "ess")]
    told.unmanaged = [RELEASED]
    assert steersman(command, "unit/ess").err == (
        "steersman: unit/ess is not there (did you mean unit/es?)\n"
    )
    ended = steersman(command, "unit/old")
    assert ended.code == 4
    assert ended.err == "steersman: unit/old is not there: its document is gone (Released)\n"


@pytest.mark.parametrize("command", ["get", "describe"])
def test_what_was_refused_is_invalid_and_told_why(told: Told, command: str) -> None:
    told.rejected = [{"key": "/desired/unit/es", "message": "spec: required, but missing"}]
    ended = steersman(command, "unit/es")
    assert ended.code == 5
    assert ended.err == "steersman: unit/es is not accepted: spec: required, but missing\n"


@pytest.mark.parametrize(
    ("summary", "told"),
    [
        ({"desired": 3, "ready": 2}, "2/3"),
        ({"desired": 3, "active": 0}, "0/3"),
        ({"expected": 3, "registered": ["a", "b"]}, "2/3"),
        ({"inSync": True}, "1/1"),
        ({"inSync": None}, "0/1"),
        ({}, "-"),
    ],
    ids=str,
)
def test_how_many_are_ready(summary: dict[str, Any], told: str) -> None:
    assert counts(summary) == told


@pytest.mark.parametrize(
    ("ready", "gate", "told"),
    [
        ("True", None, "Ready"),
        ("True", "fresh", "Ready"),
        ("False", None, "NotReady"),
        ("False", "backoff", "Waiting"),
        ("False", "approval", "NeedsYou"),
        ("True", "approval", "NeedsYou"),
        ("Unknown", None, "Unknown"),
    ],
)
def test_the_state_is_whose_turn_it_is(ready: str, gate: str | None, told: str) -> None:
    waiting = [{**WAITING, "gate": gate}] if gate else []
    assert state(resource("unit", "es", ready=ready, waiting=waiting)) == told


PAUSED = ("True", "all is paused by ana: night")


def test_what_is_paused_looks_so_however_ready_it_is(told: Told) -> None:
    told.items = [
        resource("unit", "es", message="3/3 active", Paused=PAUSED),
        resource("unit", "web", ready="False", waiting=[WAITING], Paused=PAUSED),
        resource("unit", "log", Paused=("False", "")),
    ]
    rows = [row[3:4] + row[5:] for row in words(steersman("get").lines[2:])]
    assert [" ".join(row) for row in rows] == [
        "Paused 3/3 active; all is paused by ana: night",
        "Paused waits: backoff (failed 3 times)",
        "Ready",
    ]


@pytest.mark.parametrize(("deleted", "told"), [("False", "Deleting"), ("True", "Deleted")])
def test_what_is_taken_down_on_purpose_is_no_failure(deleted: str, told: str) -> None:
    going = resource("unit", "es", ready="False", waiting=[WAITING], Deleted=(deleted, ""))
    assert state(going) == told


def test_a_refused_edit_makes_a_resource_no_younger(told: Told) -> None:
    edited = resource("unit", "es", Accepted=("False", "unknown field"))
    edited["status"]["conditions"][0]["lastTransitionTime"] = "2999-01-01T00:00:00Z"
    told.items = [resource("unit", "es"), edited]
    first, second = words(steersman("get").lines[2:])
    assert first[4] == second[4]


def test_a_pause_of_a_member_pauses_no_resource() -> None:
    paused = resource("unit", "es", Paused=("True", "unit/es@1 is paused by ana"))
    for each in paused["status"]["conditions"]:
        each["reason"] = "MembersPaused"
    assert state(paused) == "Ready"


def test_what_holds_many_is_told_before_them(told: Told) -> None:
    approval = {**WAITING, "gate": "approval"}
    told.items = [
        resource("nodepool", "core", waiting=[approval, approval]),
        resource("unit", "es", waiting=[approval, WAITING]),
    ]
    told.notices = [
        {"kind": "pause", "name": "all", "message": PAUSED[1], "until": None},
        {"kind": "circuit", "name": "fleet", "message": "fleet fails", "until": LONG_AGO},
    ]
    _, pause, circuit, *approvals, _, _, _ = steersman("get").lines
    assert pause == "pause: all is paused by ana: night"
    assert circuit.startswith("circuit: fleet fails, until 2014-09-01 ")
    assert approvals == [
        "approval: 2 steps wait for it at nodepool/core (steersman approve nodepool/core)",
        "approval: a step waits for it at unit/es (steersman approve unit/es)",
    ]


def test_of_many_that_hold_the_rest_is_counted(told: Told) -> None:
    notice = {"kind": "pause", "name": "unit/x", "message": "unit/x is paused", "until": None}
    told.notices = [notice] * (LINES_MAX + 3)
    lines = steersman("get").lines
    assert lines.count("pause: unit/x is paused") == LINES_MAX
    assert lines[1 + LINES_MAX] == "and 3 more such: steersman get -o json tells all"


def test_home_tells_what_holds_many_too(etcd: Etcd) -> None:
    etcd.put("/steersman/requests/p", {"verb": "pause", "ref": "all", "author": "ana"})
    circuit = [{"system": "fleet"}, {"until": "2034-09-01T12:00:00Z", "reason": "503"}]
    etcd.put("/steersman/circuits/fleet", circuit)
    rewound = {"store": "unit", "since": LONG_AGO, "before": 9, "after": 4}
    etcd.put("/steersman/rewinds/unit", rewound)
    etcd.put("/steersman/holds/broken", "{")
    found = steersman("get", "-o", "json").json["notices"]
    assert [(each["kind"], each["name"]) for each in found] == [
        ("pause", "all"),
        ("hold", "unit-rewound"),
        ("circuit", "fleet"),
    ]


def test_a_long_or_hostile_key_moves_no_row_and_steers_no_terminal(told: Told) -> None:
    told.items = [resource("unit", "es")]
    told.rejected = [
        {"key": f"/desired/unit/{'x' * 300}", "message": "too long"},
        {"key": "/desired/unit/\x1b[31m\0\u202e\n", "message": "a\x1b[2Jb"},
    ]
    ended = steersman("get")
    assert max(map(len, ended.lines)) < 120
    assert ended.lines[-1].startswith(r"/desired/unit/\x1b[31m\x00\u202e\n ")
    assert ended.lines[-1].endswith(r"a\x1b[2Jb")
    assert ended.out.replace("\n", "").isprintable()


def test_a_resource_without_a_status_is_unknown() -> None:
    assert state({"status": {}}) == "Unknown"


def test_a_description_holds_members_waits_spec_and_events(told: Told) -> None:
    summary = {"desired": 1, "ready": 0, "members": [{"name": "core1", "ip": None}]}
    described = resource("nodepool", "core", ready="False", summary=summary, waiting=[WAITING])
    told.items = [described]
    told.happened = [event("core"), {**event("core"), "kind": "nodepool", "message": "made"}]
    ended = steersman("describe", "np/core")
    blocks = dict(block.split("\n", 1) for block in ended.out.strip().split("\n\n"))
    assert list(blocks) == [
        "nodepool/core  0/1  Waiting",
        "Conditions",
        "Members",
        "Waiting",
        "Spec",
        "Events",
    ]
    assert words(blocks["Members"].splitlines()) == [["NAME", "IP"], ["core1", "-"]]
    assert "backoff" in blocks["Waiting"]
    assert blocks["Spec"].splitlines() == ["text: |", "  one", "  two"]
    assert blocks["Events"].splitlines()[1:][0].endswith("made")
    assert steersman("describe", "np/core", "-o", "json").json == {
        **described,
        "events": told.happened[1:],
    }


def test_home_answers_while_the_daemon_does_not(etcd: Etcd) -> None:
    sha256 = hashlib.sha256(DOCUMENT.encode()).hexdigest()
    etcd.put("/desired/configkey/a", DOCUMENT)
    etcd.put("/desired/configkey/b", "spec: {}\n")
    etcd.put("/status/configkey/a", status(sha256, {"Ready": ("True", "written")}))
    record = {"store": "home", "revision": 3, "sha256": "0", "document": DOCUMENT}
    etcd.put("/steersman/accepted/configkey/gone", record)
    etcd.put("/steersman/accepted/configkey/elsewhere", {**record, "store": "unit"})
    etcd.put("/steersman/schema", {"version": 1, "owner": "me"})
    ended = steersman("get", "-o", "json")
    assert ended.code == 0
    assert "does not answer" in ended.err
    assert "home" in ended.err
    (item,) = ended.json["items"]
    assert item["metadata"]["name"] == "a"
    assert item["metadata"]["uid"] == uid("me", Key("configkey", "a"))
    assert item["spec"]["key"] == "/configs/a"
    assert item["status"]["summary"] == {}
    assert item["status"]["conditions"][0]["message"] == "written"
    assert [each["key"] for each in ended.json["rejected"]] == ["/desired/configkey/b"]
    (gone,) = ended.json["unmanaged"]
    assert (gone["kind"], gone["name"], gone["reason"]) == ("configkey", "gone", "Released")


def test_home_tells_of_a_record_that_cannot_be_read_and_shows_the_rest(etcd: Etcd) -> None:
    etcd.put("/desired/configkey/a", DOCUMENT)
    etcd.put("/desired/configkey/b", DOCUMENT)
    etcd.put("/steersman/accepted/configkey/b", "{")
    found = steersman("get", "-o", "json").json
    assert [each["metadata"]["name"] for each in found["items"]] == ["a"]
    told = {each["key"]: each["message"] for each in found["rejected"]}
    assert "cannot be read" in told["/steersman/accepted/configkey/b"]
    assert "left alone" in told["/desired/configkey/b"]


@pytest.mark.parametrize("nothing", ["{", "{}"])
def test_home_tells_of_a_status_or_an_event_that_cannot_be_read_and_shows_the_rest(
    etcd: Etcd, nothing: str
) -> None:
    etcd.put("/desired/configkey/a", DOCUMENT)
    etcd.put("/status/configkey/a", nothing)
    etcd.put("/steersman/events/1", nothing)
    etcd.put("/steersman/leader", nothing)
    found = steersman("get", "-o", "json").json
    assert [each["status"] for each in found["items"]] == [{}]
    assert found["rejected"] == [{"key": "/status/configkey/a", "message": "cannot be read"}]
    assert steersman("get").code == 0
    assert "/steersman/events/1" in steersman("describe", "configkey/a").err


def test_a_home_that_cannot_tell_whose_it_is_is_not_shown(etcd: Etcd) -> None:
    etcd.put("/steersman/schema", "{}")
    ended = steersman("get")
    assert ended.code == 1
    assert "/steersman/schema cannot be read" in ended.err


def test_before_any_daemon_ran_there_is_no_status_and_no_uid(etcd: Etcd) -> None:
    etcd.put("/desired/configkey/a", DOCUMENT)
    found = steersman("get", "configkey/a", "-o", "json").json
    assert (found["metadata"]["uid"], found["status"]) == (None, {})
    assert steersman("get", "-o", "wide").lines[-1].split()[:4] == [
        "configkey/a",
        "-",
        "-",
        "Unknown",
    ]
    assert "uid  -" in steersman("describe", "configkey/a").lines


def test_home_knows_what_is_not_there_and_why(etcd: Etcd) -> None:
    etcd.put("/desired/configkey/b", "spec: {}\n")
    assert steersman("get", "configkey/c").code == 4
    ended = steersman("get", "configkey/b")
    assert ended.code == 5
    assert "configkey/b is not accepted: " in ended.err
