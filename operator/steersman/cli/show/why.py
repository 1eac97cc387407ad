"""What holds a step, until when, and what a person can do about it."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from steersman.cli.show.resources import condition, pause
from steersman.cli.show.terminal import Block, Table
from steersman.cli.show.times import UNTOLD, clock
from steersman.model.teardown import DELETED
from steersman.model.views import JSON

COLUMNS = ("GATE", "RESULT", "UNTIL", "WHY")
# What each gate, or each wait of a kind, takes to pass. {ref} is the step's member or resource.
CURES = {
    "mode": "run the daemon in mode act; policy.mode in the document says it for one resource",
    "leader": "nothing to do: the daemon that leads does it",
    "records": "look at that key in home: put back what stood there, or remove it",
    "rewound": "look at the documents as they are now, then acknowledge the hold",
    "paused": "steersman resume, of the reference that it names",
    "protect": "take the annotation steersman/protect out of the document",
    "dependencies": "steersman why, of what it depends on",
    "referrers": "delete what needs it first, or take the reference out of it",
    "pending": "nothing to do: it goes on when the effect is seen",
    "fresh": "look at /readyz: a system does not answer, or answers only in part",
    "plausible": "wait for the settle time, or look and acknowledge the hold",
    "fighting": "find who else writes it, then acknowledge the hold",
    "guards": "steersman why, of who guards it",
    "window": "wait for the window, or change policy.window in the document",
    "approval": "steersman approve {key} {digest}",
    "breaker": "nothing to do: it is tried again then, once for everybody",
    "backoff": "steersman retry {ref}",
    "rate": "wait; if this much has to be done, raise STEERSMAN_ACTIONS_PER_HOUR",
    "budget": "bring back who is away, or raise rollout.maxUnavailable",
    "order": "nothing to do: it comes after another step",
    "restart": "steersman retry {ref}",
}

# Of a resource without steps and waits, by its condition Ready.
AT_REST = {"True": "nothing to do", "False": "nothing is planned"}


def reasons(
    resource: JSON, steps: Iterable[JSON], own: Iterable[JSON], now: datetime
) -> Iterator[str]:
    """A newer document that is not in force, the one gate that blocks each step, and what the
    kind itself waits for."""
    yield from _refused(resource)
    told = [line for step in steps for line in _step(step, now)]
    told += [line for each in own for line in _waiting(resource, each, now)]
    yield from told or _at_rest(resource)


def gates_block(step: JSON, now: datetime) -> Block:
    """All gates of a step, in the order in which they are asked."""
    rows = [
        (each["gate"], each["result"], clock(each["until"], now), _said(each) or UNTOLD)
        for each in step["gates"]
    ]
    return Block(_title(step), Table(COLUMNS, rows))


def _refused(resource: JSON) -> Iterator[str]:
    accepted = condition(resource, "Accepted")
    if accepted.get("status") == "False":
        why = accepted["message"]
        yield f"{_name(resource)}: its document is not accepted, the one before is in force: {why}"


def _at_rest(resource: JSON) -> Iterator[str]:
    ready = condition(resource, "Ready")
    said = f" ({ready['message']})" if ready.get("message") else ""
    plan = AT_REST.get(ready.get("status", "Unknown"), "nothing can be told")
    yield f"{_name(resource)}: {plan}{said}"
    if paused := pause(resource):
        yield f"{_name(resource)}: {paused['message']}"
        yield f"  cure: {CURES['paused']}"
    if condition(resource, DELETED).get("status") == "True":
        yield f"  cure: steersman delete {_name(resource)}, which removes its document, too"


def _name(resource: JSON) -> str:
    return f"{resource['kind']}/{resource['metadata']['name']}"


def _step(step: JSON, now: datetime) -> Iterator[str]:
    held = next((each for each in step["gates"] if each["result"] == "Wait"), None)
    if held is None:
        yield f"{_title(step)} runs now: {step['message'] or step['reason']}"
        return
    yield f"{_title(step)} waits: {_wait(held, now)}"
    yield from _cure(held["gate"], f"{step['kind']}/{step['name']}", step)


def _waiting(resource: JSON, waiting: JSON, now: datetime) -> Iterator[str]:
    yield f"{waiting['target']} waits: {_wait(waiting, now)}"
    yield from _cure(waiting["gate"], _name(resource), waiting)


def _title(step: JSON) -> str:
    return f"{step['target']} {step['action']} ({step['reason']}, {step['effect']})"


def _wait(held: JSON, now: datetime) -> str:
    until = f" until {clock(held['until'], now)}" if held["until"] else ""
    return f"{held['gate'].upper()}{until}: {_said(held)}"


def _said(verdict: JSON) -> str:
    said: str = verdict["message"] or verdict["reason"]
    return said


def _cure(gate: str, key: str, held: JSON) -> Iterator[str]:
    """Nothing for what no person can speed up, or what no table of ours knows."""
    if gate in CURES:
        ref = _member(key, held["target"])
        cure = CURES[gate].format(key=key, ref=ref, digest=held.get("digest", ""))
        yield f"  cure: {cure}"


def _member(key: str, target: str) -> str:
    """The reference to the instance of a unit or the node of a pool that a target is."""
    name = target.rpartition(":")[2].rpartition("/")[2].removesuffix(".service")
    at = name.rpartition("@")
    if key.startswith("unit/"):
        return f"{key}@{at[2]}" if at[1] else key
    return f"{key}/{name}" if key.startswith("nodepool/") and "#" not in target else key
