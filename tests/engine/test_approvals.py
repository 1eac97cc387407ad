"""Approvals: a person's word for one step, which lets it happen once."""

import asyncio
import json
from datetime import datetime

from steersman.model.errors import ErrorClass, OutsideError
from tests.engine.town import Daemon, Town
from tests.support.virtual import virtual

REFUSED = OutsideError(ErrorClass.CONFLICT, "busy", "somebody is on the ladder", applied=False)


def desire_asking(town: Town) -> None:
    document = {"metadata": {"policy": {"approval": "ask"}}, "spec": {}}
    town.etcd.put("/desired/lamp/a", json.dumps(document).encode())


async def approve(town: Town, daemon: Daemon, name: str, **fields: str) -> None:
    """As a person does who has read what waits."""
    await town.until(lambda: town.json("/status/lamp/a") is not None)
    digest = daemon.queries().why("lamp", "a")[0]["digest"]
    request = {"verb": "approve", "ref": "lamp/a", "digest": digest, **fields}
    town.etcd.put(f"/steersman/requests/{name}", json.dumps(request).encode())


@virtual
async def test_one_approval_lets_a_step_happen_once() -> None:
    town = Town()
    daemon = Daemon(town)
    desire_asking(town)
    async with daemon.running():
        await approve(town, daemon, "first")
        await town.until(lambda: town.ready("a"))

        del town.hall.lamps["a"]
        await asyncio.sleep(600)
        assert town.hall.verbs("a") == ["install"]

        await approve(town, daemon, "second")
        await town.until(lambda: town.hall.verbs("a") == ["install", "install"])


@virtual
async def test_one_that_dates_itself_ahead_is_used_up_as_well() -> None:
    town = Town()
    daemon = Daemon(town)
    desire_asking(town)
    async with daemon.running():
        end = "2100-01-01T00:00:00Z"
        await approve(town, daemon, "for ever", at="2099-01-01T00:00:00Z", until=end)
        await town.until(lambda: town.ready("a"))
        del town.hall.lamps["a"]
        await asyncio.sleep(600)

        assert town.hall.verbs("a") == ["install"]
        dated = datetime.fromisoformat(town.json("/steersman/requests/for ever")["at"])
        assert dated <= town.clock.now()


@virtual
async def test_a_daemon_that_takes_over_knows_which_approvals_were_used() -> None:
    town = Town()
    desire_asking(town)
    first = Daemon(town, "one")
    async with first.running():
        await approve(town, first, "only")
        await town.until(lambda: town.ready("a"))
        await asyncio.sleep(5)
    del town.hall.lamps["a"]
    async with Daemon(town, "two").running():
        await asyncio.sleep(600)
        assert town.hall.verbs("a") == ["install"]


@virtual
async def test_an_approval_is_not_used_up_by_a_call_that_was_refused() -> None:
    town = Town()
    desire_asking(town)
    daemon = Daemon(town)
    town.hall.refusals["a"] = REFUSED
    async with daemon.running():
        await approve(town, daemon, "only")
        await town.until(lambda: town.hall.calls > 0)
        town.hall.refusals.clear()
        await town.until(lambda: town.ready("a"))
