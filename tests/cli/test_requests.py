"""The commands that ask: each writes one small document into home, with or without a daemon."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.cli.support import Etcd, Told, event, resource, steersman
from tests.cli.test_plan import step

REQUESTS = "/steersman/requests/"


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
    pytest.param(
        ("approve", "unit/es", "0a1b2c3d"),
        {"verb": "approve", "ref": "unit/es", "digest": "0a1b2c3d"},
        id="approve by digest",
    ),
    pytest.param(
        ("acknowledge", "fleet-1a2b"), {"verb": "acknowledge", "ref": "fleet-1a2b"}, id="a hold"
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


REFUSED = [
    pytest.param(("pause",), "--all", id="a pause of nothing"),
    pytest.param(("pause", "unit/es", "--all"), "--all", id="of one thing and everything"),
    pytest.param(("pause", "pod/es"), "unknown kind", id="of an unknown kind"),
    pytest.param(("pause", "--all", "--for", "soon"), "duration", id="for an unknown time"),
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


def test_a_store_that_does_not_answer_is_an_error_of_its_own() -> None:
    assert steersman("pause", "--all").code == 6


def test_events_of_a_request_are_shown(etcd: Etcd) -> None:
    etcd.put("/steersman/events/1", event("again") | {"kind": "request", "reason": "Requested"})

    assert "request/again" in steersman("events").out


def test_a_bad_request_is_shown_without_a_daemon_too(etcd: Etcd) -> None:
    etcd.put(f"{REQUESTS}oops", {"verb": "pause", "ref": "pod/es"})
    (rejected,) = steersman("get", "-o", "json").json["rejected"]

    assert rejected["key"] == f"{REQUESTS}oops"
    assert "unknown kind" in rejected["message"]
