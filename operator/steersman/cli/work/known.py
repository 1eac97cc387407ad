"""Whether what a request is about is there: one about nothing would do nothing, and not say so."""

from steersman.cli.exits import NotFoundError
from steersman.cli.show.members import told_of
from steersman.cli.show.several import several
from steersman.cli.work.absent import NOTHING, no_member, no_resource
from steersman.cli.work.records import status_in
from steersman.engine.doubt.fights import holds_of
from steersman.engine.doubt.holds import HOLDS, REWOUND, doubts_in
from steersman.engine.home.records import ACCEPTED, MEMORY, STATUS, recorded
from steersman.kinds import KINDS
from steersman.model.ports import Store
from steersman.model.requests import Scope
from steersman.model.resource import DESIRED, Key


async def refuse_unknown(home: Store, scope: Scope) -> None:
    """NotFoundError: home has no document of that name, and none was ever accepted; or nobody has
    told of such a member of it. Of everything, and of kinds, there may always be some."""
    if scope.kind is None or scope.name is None:
        return
    key = Key(scope.kind, scope.name)
    if not await _is_there(home, key):
        raise no_resource(key, await _names(home, key.kind))
    status = status_in(await home.get(f"{STATUS}{key}"))
    if status is not None and not told_of(status, scope.member):
        raise no_member(scope, status)


async def refuse_unknown_hold(home: Store, hold: str) -> None:
    """NotFoundError names the holds that there are. That a store went back may be acknowledged at
    any time: that store may be the very one in which it would stand."""
    known = await _holds(home)
    if hold not in {*known, *REWOUND}:
        msg = f"no hold is named {hold}; held: {several(known) or NOTHING}"
        raise NotFoundError(msg)


async def _is_there(home: Store, key: Key) -> bool:
    for prefix in (DESIRED, ACCEPTED):
        if await home.get(f"{prefix}{key}") is not None:
            return True
    return False


async def _names(home: Store, kind: str) -> set[str]:
    there = [await home.list(f"{prefix}{kind}/") for prefix in (DESIRED, ACCEPTED)]
    return {item.key.rpartition("/")[2] for listing in there for item in listing.items}


async def _holds(home: Store) -> list[str]:
    doubts = doubts_in((await home.list(HOLDS)).items)
    memory = recorded((await home.list(MEMORY)).items, KINDS).memory
    fights = (hold for key, each in memory.items() for hold in holds_of(key, each))
    return sorted({*doubts.holds, *fights})
