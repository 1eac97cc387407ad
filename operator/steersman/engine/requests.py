"""Requests as they stand under /steersman/requests/: read, dated, and told when they are over.
Pure."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, Field, ValidationError

from steersman.model.document import DocumentError, Problem, body, problems_of
from steersman.model.kind import Kinds
from steersman.model.plan import Target
from steersman.model.ports import Item
from steersman.model.reference import scope_of
from steersman.model.requests import Request, Scope, Verb, asking
from steersman.model.resource import Key
from steersman.model.spec import Spec
from steersman.model.world import Rejected, World

REQUESTS = "/steersman/requests/"
REQUESTS_MAX = 1000  # the oldest are read, so that a pause is not pushed out by newer ones
# What nobody gave an end, ends by itself; but for a pause, which ends when it is taken back.
LIFETIMES = {
    Verb.APPROVE: timedelta(hours=1),
    Verb.RESTART: timedelta(hours=24),
    Verb.RETRY: timedelta(hours=1),
    Verb.ACKNOWLEDGE: timedelta(hours=24),
}

Text = Annotated[str, Field(max_length=500)]
Time = Annotated[AwareDatetime, Field(strict=False)]  # text, in the request


class RequestBody(Spec):
    """`ref` is a reference, or, to acknowledge, the name of the hold. `at` is the leader's."""

    verb: Annotated[Verb, Field(strict=False)]
    ref: Annotated[str, Field(min_length=1, max_length=200)]
    digest: Annotated[str, Field(pattern=r"^([0-9a-f]{8})?$")] = ""
    until: Time | None = None
    reason: Text = ""
    author: Text = "unknown"
    at: Time | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands there, sorted by what can be made of it."""

    requests: Mapping[str, Request] = field(default_factory=dict)
    refused: tuple[Rejected, ...] = ()


def read_all(items: Iterable[Item], kinds: Kinds) -> Asked:
    requests: dict[str, Request] = {}
    refused: list[Rejected] = []
    by_age = sorted(items, key=lambda each: each.created)
    for item in by_age[:REQUESTS_MAX]:
        try:
            requests[id_of(item)] = read(item, kinds)
        except DocumentError as error:
            refused.append(Rejected(item.key, str(error)))
    if len(by_age) > REQUESTS_MAX:
        refused.append(Rejected(REQUESTS, f"of all requests, the oldest {REQUESTS_MAX} are read"))
    return Asked(requests, tuple(refused))


def read(item: Item, kinds: Kinds) -> Request:
    """DocumentError tells all that is wrong with it."""
    given = _body(item)
    if given.verb is Verb.APPROVE and not given.digest:
        raise DocumentError(Problem("an approval names the digest of a step", "digest"))
    about_hold = given.verb is Verb.ACKNOWLEDGE
    return Request(
        id=id_of(item),
        verb=given.verb,
        scope=Scope() if about_hold else _scope_for(given, kinds),
        hold=given.ref if about_hold else "",
        digest=given.digest,
        at=given.at,
        until=given.until,
        reason=given.reason,
        author=given.author,
    )


def dated(item: Item, request: Request, now: datetime) -> bytes:
    """The same request with the time when it was first seen, and with an end if it needs one."""
    lifetime = LIFETIMES.get(request.verb)
    until = request.until or (now + lifetime if lifetime else None)
    given = _body(item).model_copy(update={"at": now, "until": until})
    return json.dumps(given.model_dump(mode="json", exclude_none=True)).encode()


def standing(requests: Mapping[str, Request], now: datetime) -> Mapping[str, Request]:
    """Those that are not over. Nobody but the leader dates a request: one that is dated ahead is
    not dated."""
    return {
        name: replace(each, at=None) if each.at and each.at > now else each
        for name, each in requests.items()
        if not over(each, now)
    }


def over(request: Request, now: datetime) -> bool:
    return request.until is not None and request.until <= now


def next_end(requests: Iterable[Request], now: datetime) -> datetime | None:
    """When time alone ends one of them."""
    return min((each.until for each in requests if each.until and each.until > now), default=None)


def pause_of(
    requests: Mapping[str, Request], key: Key, target: Target | None, now: datetime
) -> Request | None:
    """The pause that holds longest, of this outside object, or, for None, of the resource; of the
    whole of it before one of its members."""
    found = (
        each
        for each in asking(requests, Verb.PAUSE, now)
        if (each.scope.includes(key) if target is None else each.scope.covers(key, target))
    )
    return max(found, key=lambda each: _holds(each, whole=target is None, now=now), default=None)


def told(pause: Request) -> str:
    """A pause in words, but for its end."""
    reason = f": {pause.reason}" if pause.reason else ""
    return f"{pause.scope} is paused by {pause.author}{reason}"


def acknowledged(world: World, hold: str, now: datetime) -> bool:
    """Whether a person has looked at a hold: what it protects may go on. A hold's name tells its
    occasion, so that the next one of its sort has to be looked at anew."""
    return any(each.hold == hold for each in asking(world.requests, Verb.ACKNOWLEDGE, now))


def id_of(item: Item) -> str:
    return item.key.removeprefix(REQUESTS)


def _holds(pause: Request, *, whole: bool, now: datetime) -> tuple[bool, bool, datetime]:
    return whole and pause.scope.member is None, pause.until is None, pause.until or now


def _body(item: Item) -> RequestBody:
    content = body(item.value)
    try:
        return RequestBody.model_validate(content.data)
    except ValidationError as error:
        raise DocumentError(*problems_of(error, RequestBody, (), content)) from error


def _scope_for(given: RequestBody, kinds: Kinds) -> Scope:
    scope = scope_of(given.ref, kinds)
    if given.verb in (Verb.APPROVE, Verb.RESTART) and scope.name is None:
        raise DocumentError(Problem(f"to {given.verb}, name one resource or member", "ref"))
    if given.verb is Verb.RESTART and not kinds[str(scope.kind)].restarts:
        raise DocumentError(Problem(f"a {scope.kind} cannot be restarted", "ref"))
    return scope
