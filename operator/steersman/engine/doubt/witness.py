"""Witnesses: what another source says of something that a source no longer shows. Pure."""

from datetime import datetime

from steersman.model.hold import Lost
from steersman.model.world import World


def sees(
    source: str, what: str, lost: Lost, world: World, since: datetime, now: datetime
) -> bool | None:
    """True: it is still there; False: it is gone, indeed; None: nobody else can tell.

    Whoever reports that something is down knows more than another who has not heard of it yet:
    only an absence is contradicted.
    """
    if lost.ip is None:
        return None
    answers = _answers(lost.ip, world, since)
    if answers:
        return lost.absent or None
    if source == "compute":
        heard = _in_fleet(lost, world, now)
        return False if heard is None and answers is False else heard
    runs = _runs(lost.ip, world, now)
    if what == "machines":
        return runs
    # a machine that runs tells nothing of a unit on it, but one that does not tells all
    return False if answers is False or runs is False else None


def _answers(ip: str, world: World, since: datetime) -> bool | None:
    """What the newest probe of a node at that address found since then."""
    looks = [seen[-1] for at, seen in world.elasticsearch.probes.items() if at.ip == ip and seen]
    fresh = [probe.transport == "open" for probe in looks if probe.at > since]
    return any(fresh) if fresh else None


def _in_fleet(lost: Lost, world: World, now: datetime) -> bool | None:
    if not world.fresh("fleet", now):
        return None
    node = world.topology.by_ip.get(lost.ip or "")
    if node is not None and node.machine is not None:
        return lost.absent or None
    return False if lost.watched else None


def _runs(ip: str, world: World, now: datetime) -> bool | None:
    """Whether Compute Engine has an instance at that address that runs."""
    if not world.fresh("compute", now):
        return None
    node = world.topology.by_ip.get(ip)
    if node is not None and node.instance is not None:
        return node.instance.status == "RUNNING"
    return False if ip in world.departed else None
