"""A mistake that a kind makes over one resource is that resource's: the others go on as ever."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import structlog

from steersman.engine import wants
from steersman.engine.decide import Rules, decide
from steersman.engine.keeper import Keeper
from steersman.engine.ledger import Ledger
from steersman.model.kind import KeepAlive, Kinds
from steersman.model.observed import ProbeTarget
from steersman.model.resource import Key
from tests.engine.builders import NOW, A, B, C, lamp, world
from tests.engine.town import Daemon, Town
from tests.engine.toy import LAMP, TABOO, PoisonError
from tests.support.virtual import virtual


def fails_for_a(answer: Callable[[Key], Any]) -> Callable[..., Any]:
    """What a kind with a bug answers when it is asked about a resource, or about a key."""

    def ask(about: Any, *_: Any) -> Any:
        key = about if isinstance(about, Key) else about.key
        if key == A:
            raise PoisonError(key.name)
        return answer(key)

    return ask


KEPT = fails_for_a(lambda key: (KeepAlive(f"/services/{key.name}", 7, "", 60, 20.0),))
PROBED = fails_for_a(lambda key: frozenset({ProbeTarget(key.name, 9200, 9300)}))


def by_memory(key: Key, *_: Any) -> tuple[KeepAlive, ...]:
    return (KeepAlive(f"/services/{key.name}-as-remembered", 7, "", 60, 20.0),)


BUGS = [
    pytest.param({"facts": fails_for_a(lambda _: {})}, id="facts"),
    pytest.param({"probes": PROBED}, id="probes"),
    pytest.param({"keepalives": KEPT}, id="keepalives"),
]


def kinds(**changes: Any) -> Kinds:
    return {"lamp": replace(LAMP, **changes)}


@virtual
async def test_of_one_that_cannot_be_told_of_nobody_knows_and_the_daemon_and_the_rest_go_on() -> (
    None
):
    town = Town()
    town.desire("a")
    town.desire("b")
    daemon = Daemon(town)
    async with daemon.running() as task:
        await town.until(lambda: town.ready("a") and town.ready("b"))
        town.desire("a", color=TABOO)
        town.desire("b", color="red")
        await town.until(lambda: town.hall.verbs("b") == ["install", "swap"])
        await asyncio.sleep(60)
        town.desire("a", color=TABOO, chain="b")
        await asyncio.sleep(60)

        assert not task.done()
        assert daemon.world.leading
        assert town.ready("b")
        assert town.hall.verbs("a") == ["install"]
        (ready,) = [
            each for each in town.json("/status/lamp/a")["conditions"] if each["type"] == "Ready"
        ]
        assert (ready["status"], ready["reason"]) == ("Unknown", "InternalError")
        assert daemon.queries().plan_with([])["complete"] is False

        town.desire("a", color="blue")
        await town.until(lambda: town.ready("a"), seconds=30)


@pytest.mark.parametrize("bug", BUGS)
def test_a_pass_fails_by_whatever_fails_between_passes(bug: dict[str, Any]) -> None:
    seen, rules = world(lamp("a"), lamp("b")), Rules(kinds(**bug), 100)

    with pytest.raises(PoisonError):
        decide(A, seen, Ledger(), rules, NOW)
    assert decide(B, seen, Ledger(), rules, NOW).steps


def test_what_others_registered_is_kept_alive_and_its_own_by_what_is_remembered() -> None:
    seen = world(lamp("a"), lamp("b"), released={C: lamp("c")})
    buggy = kinds(keepalives=KEPT, probes=PROBED, remembered=by_memory)

    kept, probed = wants.keepalives(seen, buggy, NOW), wants.probe_targets(seen, buggy)

    assert {each.key for said in kept.said.values() for each in said} == {
        "/services/b",
        "/services/c",
        "/services/a-as-remembered",
    }
    assert probed.said.keys() == {B}
    assert kept.failed.keys() == probed.failed.keys() == {A}


def test_what_frozen_documents_registered_is_kept_alive_but_where_that_fails() -> None:
    found = wants.keepalives(world(frozen=frozenset({A, B})), kinds(remembered=KEPT), NOW)

    assert [each.key for each in found.said[B]] == ["/services/b"]
    assert found.failed.keys() == {A}


def test_who_is_in_force_is_looked_at_and_of_others_it_is_logged_once() -> None:
    woken: list[Key] = []
    keeper = Keeper(
        world(lamp("a"), frozen=frozenset({B})), kinds(), lambda key, _=None: woken.append(key)
    )
    bugs = {A: PoisonError("a"), B: PoisonError("b")}
    with structlog.testing.capture_logs() as logged:
        keeper.blame(bugs)
        keeper.blame(bugs)

    assert woken == [A, A]
    assert [each["key"] for each in logged] == [str(B)]
