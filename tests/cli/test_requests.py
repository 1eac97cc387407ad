"""The commands that ask: each writes one small document into home, with or without a daemon."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter

from steersman.model.hold import Hold
from tests.cli.support import Etcd, Told, event, resource, status, steersman
from tests.cli.test_plan import step

NOW = datetime(2014, 9, 1, 12, tzinfo=UTC)
REQUESTS = "/steersman/requests/"
FIGHT = {"desired": "0", "rewritten": [], "since": "2014-09-01T12:00:00Z"}


@pytest.fixture
def etcd(etcd: Etcd) -> Etcd:
    """With a unit of one instance, a pool of two nodes, a held loss and a fight."""
    etcd.put("/desired/unit/es", "spec: {}")
    etcd.put("/desired/nodepool/core", "spec: {}")
    etcd.put("/status/unit/es", told_with("instances", "es@1.service"))
    etcd.put("/status/nodepool/core", told_with("members", "core1", "core2"))
    hold = Hold("fleet-1a2b", "fleet", "machines", (), 9, NOW, NOW)
    etcd.put("/steersman/holds/fleet-1a2b", TypeAdapter(Hold).dump_json(hold).decode())
    etcd.put("/steersman/memory/unit/es", {"contests": {"fleet:es@1.service content": FIGHT}})
    return etcd


def told_with(rows: str, *names: str) -> dict[str, Any]:
    return status("0" * 64, {}, {rows: [{"name": name} for name in names]})


def asked(etcd: Etcd) -> list[dict[str, Any]]:
    """What stands there, without who asked."""
    found = [json.loads(value) for value in etcd.values(REQUESTS)]
    assert all(re.fullmatch(r".+@.+", each.pop("author")) for each in found)
    return found


COMMANDS = [
    pytest.param(("pause", "unit/ES"), {"verb": "pause", "ref": "unit/es"}, id="pause"),
    pytest.param(("pause", "np"), {"verb": "pause", "ref": "nodepool"}, id="pause a kind"),
    pytest.param(("pause", "--all"), {"verb": "pause", "ref": "all"}, id="pause everything"),
    pytest.param(
        ("restart", "unit/es@1", "--reason", "stuck"),
        {"verb": "restart", "ref": "unit/es@1", "reason": "stuck"},
        id="restart, with a reason",
    ),
    pytest.param(
        ("retry", "nodepool/core/core2"),
        {"verb": "retry", "ref": "nodepool/core/core2"},
        id="retry a member",
    ),
    *(
        pytest.param(("acknowledge", hold), {"verb": "acknowledge", "ref": hold}, id=hold)
        for hold in ("fleet-1a2b", "fight-c56519", "home-rewound")
    ),
]


@pytest.mark.parametrize(("args", "request_"), COMMANDS)
def test_a_command_writes_its_request(
    etcd: Etcd, args: tuple[str, ...], request_: dict[str, str]
) -> None:
    ended = steersman(*args)

    assert ended.code == 0, ended.err
    assert "requested" in ended.out
    assert asked(etcd) == [request_]


def test_a_pause_may_have_an_end(etcd: Etcd) -> None:
    assert steersman("pause", "--all", "--for", "2h").code == 0
    (request,) = asked(etcd)

    left = datetime.fromisoformat(request["until"]) - datetime.now(UTC)
    assert timedelta(hours=1, minutes=59) < left <= timedelta(hours=2)


def test_resume_takes_back_the_pauses_of_that_reference_and_no_other(etcd: Etcd) -> None:
    for ref in ("unit/es", "unit/es", "unit/es@1"):
        assert steersman("pause", ref).code == 0

    assert steersman("resume", "unit/es").out == "unit/es resumed\n"
    assert asked(etcd) == [{"verb": "pause", "ref": "unit/es@1"}]


def test_what_is_not_paused_by_itself_is_told_with_what_is(etcd: Etcd) -> None:
    assert steersman("pause", "unit").code == 0
    ended = steersman("resume", "unit/es")

    assert (ended.code, ended.err) == (
        4,
        "steersman: unit/es is not paused by itself; paused: unit\n",
    )


NOWHERE = [
    pytest.param("pause unit/ess", "unit/ess is not there (did you mean unit/es?)", id="a typo"),
    pytest.param("retry configkey/es", "configkey/es is not there", id="of another kind"),
    pytest.param("restart unit/web", "unit/web is not there", id="no such name"),
    pytest.param(
        "pause unit/es@2", "unit/es@2 is not there: unit/es has es@1.service", id="no instance"
    ),
    pytest.param(
        "retry nodepool/core/core3",
        "nodepool/core/core3 is not there: nodepool/core has core1, core2",
        id="no node",
    ),
    pytest.param(
        "acknowledge fleet-1a2c",
        "no hold is named fleet-1a2c; held: fight-c56519, fleet-1a2b",
        id="no hold",
    ),
]


def is_about_nothing(etcd: Etcd, command: str, told: str) -> None:
    ended = steersman(*command.split())

    assert (ended.code, ended.err) == (4, f"steersman: {told}\n")
    assert asked(etcd) == []


@pytest.mark.parametrize(("command", "told"), NOWHERE)
def test_what_is_not_there_is_not_asked_for(etcd: Etcd, command: str, told: str) -> None:
    is_about_nothing(etcd, command, told)


def test_what_was_released_may_still_be_asked_for(etcd: Etcd) -> None:
    record = {"store": "unit", "revision": 3, "sha256": "0", "document": "spec: {}"}
    etcd.put("/steersman/accepted/unit/old", record)
    etcd.put("/steersman/accepted/unit/broken", "{")

    assert steersman("pause", "unit/old").code == steersman("pause", "unit/broken").code == 0


def test_a_member_of_which_nobody_can_tell_yet_may_be_asked_for(etcd: Etcd) -> None:
    etcd.put("/desired/unit/new", "spec: {}")

    assert steersman("pause", "unit/new@3").code == 0


REFUSED = [
    pytest.param(("pause",), "--all", id="a pause of nothing"),
    pytest.param(("pause", "unit/es", "--all"), "--all", id="of one thing and everything"),
    pytest.param(("pause", "pod/es"), "unknown kind", id="of an unknown kind"),
    pytest.param(("pause", "--all", "--for", "soon"), "duration", id="for an unknown time"),
    pytest.param(("pause", "--all", "--for", "0s"), "over at once", id="for no time"),
    pytest.param(("pause", "--all", "--for", "-5m"), "duration", id="for less than no time"),
    pytest.param(("restart", "nodepool/core"), "cannot be restarted", id="a restart of nodes"),
    pytest.param(("restart", "unit"), "name one", id="a restart of all units"),
    pytest.param(("approve", "unit/es", "yes"), "digest", id="an approval of no digest"),
]


@pytest.mark.parametrize(("args", "told"), REFUSED)
def test_what_a_daemon_would_refuse_is_not_written(
    etcd: Etcd, args: tuple[str, ...], told: str
) -> None:
    ended = steersman(*args)

    assert ended.code == 64
    assert told in ended.err
    assert asked(etcd) == []


def test_without_a_digest_all_that_waits_for_approval_is_approved(etcd: Etcd, told: Told) -> None:
    told.items = [resource("nodepool", "core")]
    told.steps = [
        step("destroy", "DeleteInstance", gate="approval") | {"digest": "0a1b2c3d"},
        step("disrupt", "StopInstance", gate="budget") | {"digest": "4e5f6a7b"},
    ]

    assert steersman("approve", "nodepool/core").code == 0
    assert asked(etcd) == [{"verb": "approve", "ref": "nodepool/core", "digest": "0a1b2c3d"}]


def test_nothing_to_approve_is_an_error(etcd: Etcd, told: Told) -> None:
    told.items = [resource("nodepool", "core")]
    told.steps = [step("create", "CreateInstance") | {"digest": "0a1b2c3d"}]

    assert steersman("approve", "nodepool/core").code == 4
    assert asked(etcd) == []


def test_a_step_that_is_planned_is_approved_whatever_it_waits_for(etcd: Etcd, told: Told) -> None:
    told.items = [resource("nodepool", "core")]
    told.steps = [step("destroy", "DeleteInstance", gate="window") | {"digest": "0a1b2c3d"}]

    assert steersman("approve", "nodepool/core", "0a1b2c3d").code == 0
    assert asked(etcd) == [{"verb": "approve", "ref": "nodepool/core", "digest": "0a1b2c3d"}]


UNPLANNED = [
    pytest.param(
        "nodepool/core 4e5f6a7b",
        "no step 4e5f6a7b is planned at nodepool/core; planned: 0a1b2c3d",
        id="of another digest",
    ),
    pytest.param(
        "nodepool/core/core1 0a1b2c3d",
        "no step 0a1b2c3d is planned at nodepool/core/core1; planned: nothing",
        id="of another member",
    ),
    pytest.param(
        "nodepool/cor 0a1b2c3d",
        "nodepool/cor is not there (did you mean nodepool/core?)",
        id="of nothing",
    ),
]


@pytest.mark.parametrize(("approved", "told_why"), UNPLANNED)
def test_a_step_that_nobody_plans_is_not_approved(
    etcd: Etcd, told: Told, approved: str, told_why: str
) -> None:
    told.items = [resource("nodepool", "core")]
    told.steps = [step("destroy", "DeleteInstance", gate="approval") | {"digest": "0a1b2c3d"}]

    is_about_nothing(etcd, f"approve {approved}", told_why)


def test_of_a_document_that_was_refused_nothing_is_approved(etcd: Etcd, told: Told) -> None:
    told.rejected = [{"key": "/desired/unit/es", "message": "spec: required, but missing"}]
    ended = steersman("approve", "unit/es", "0a1b2c3d")

    assert (ended.code, "spec: required, but missing" in ended.err) == (5, True)
    assert asked(etcd) == []


def test_while_no_daemon_answers_an_approval_is_written_with_a_warning(etcd: Etcd) -> None:
    ended = steersman("approve", "unit/es", "0a1b2c3d")

    assert ended.code == 0
    assert ended.err.endswith("; whether 0a1b2c3d is planned is not known\n")
    assert asked(etcd) == [{"verb": "approve", "ref": "unit/es", "digest": "0a1b2c3d"}]


def test_while_no_daemon_answers_an_approval_of_nothing_is_refused(etcd: Etcd) -> None:
    ended = steersman("approve", "unit/web", "0a1b2c3d")

    assert ended.code == 4
    assert ended.err.endswith("steersman: unit/web is not there\n")
    assert asked(etcd) == []


def test_a_store_that_does_not_answer_is_an_error_of_its_own() -> None:
    assert steersman("pause", "--all").code == 6


def test_events_of_a_request_are_shown(etcd: Etcd) -> None:
    etcd.put("/steersman/events/1", event("again") | {"kind": "request", "reason": "Requested"})

    assert "request/again" in steersman("events").out


def test_a_bad_request_is_shown_without_a_daemon_too(etcd: Etcd) -> None:
    etcd.put(f"{REQUESTS}oops", {"verb": "pause", "ref": "pod/es"})
    rejected = steersman("get", "-o", "json").json["rejected"]

    told = {each["key"]: each["message"] for each in rejected}
    assert "unknown kind" in told[f"{REQUESTS}oops"]
