"""The registrar: which address is registered, stays so, or has to go. Pure; worked out anew at
every pass from what was probed, so nothing is lost with a daemon.

Readiness gets a node registered, reachability keeps it so: a node that has no master or is busy
is still a seed for those that start next. What is only unreachable leaves slowly, and never when
so many are that we may be the ones who are cut off; what is proved dead leaves at once.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import takewhile

from steersman.kinds.elasticsearch.health import fault
from steersman.kinds.elasticsearch.observe import Cluster, Member
from steersman.kinds.elasticsearch.remember import FLAP_WINDOW
from steersman.model.observed import Probe

GOOD_PROBES = 3
GOOD_FOR = timedelta(seconds=10)
FAILED_PROBES = 3
FAILED_FOR = timedelta(seconds=30)
# From the last refresh to the removal of a node that is only unreachable.
GRACE = timedelta(seconds=60)
HOLD_DOWN = timedelta(seconds=30)
HOLD_DOWN_MAX = timedelta(minutes=10)
FLAPS_FREE = 2  # removals within FLAP_WINDOW that do not lengthen the hold-down
BLIND_LEAST = 2

# Reasons that no probe tells, with what people are told.
_BLIND = ("RegistrarBlind", "most nodes are unreachable at once")
_LAST_SEED = ("LastSeed", "unreachable, but too few other nodes are registered")
_REMOVED_SINCE = ("NotProbed", "not probed since it was removed")


class Phase(StrEnum):
    ABSENT = "Absent"
    QUALIFYING = "Qualifying"
    PRESENT = "Present"
    SUSPECT = "Suspect"
    LEAVING = "Leaving"


@dataclass(frozen=True, slots=True)
class Standing:
    """How an address stands. `due`: a qualifying one is to be registered now, a leaving one to be
    removed; `until` is when that or the next phase is due, None when nobody can tell; `dead`: by
    proof, not by silence."""

    phase: Phase
    reason: str
    message: str
    until: datetime | None = None
    due: bool = False
    dead: bool = False

    @property
    def kept(self) -> bool:
        """Whether the registration is refreshed."""
        return self.phase in (Phase.PRESENT, Phase.SUSPECT)


@dataclass(frozen=True, slots=True)
class Registrar:
    standings: Mapping[str, Standing]
    blind: bool


def assess(cluster: Cluster, now: datetime) -> Registrar:
    standings = {ip: _standing(each, cluster, now) for ip, each in cluster.members.items()}
    judged = [each for each in cluster.registered if not standings[each.ip].dead]
    blind = sum(bool(_failing(each)) for each in judged) >= _blind_count(judged)
    leaving = [each.ip for each in judged if standings[each.ip].phase is Phase.LEAVING]
    leaving.sort(key=lambda ip: standings[ip].until or now)  # the longest silent first
    kept = leaving if blind else leaving[_spare(cluster, len(judged)) :]
    why = _BLIND if blind else _LAST_SEED
    return Registrar(standings | {ip: Standing(Phase.SUSPECT, *why) for ip in kept}, blind)


def _spare(cluster: Cluster, registered: int) -> int:
    """How many may leave for their silence alone: a quorum of seeds stays for those who start."""
    if cluster.units is None:
        return 0
    return max(0, registered - (len(cluster.units) // 2 + 1))


def _standing(member: Member, cluster: Cluster, now: datetime) -> Standing:
    if member.registered:
        return _inside(member, cluster, now)
    return _outside(member, cluster, now)


def _outside(member: Member, cluster: Cluster, now: datetime) -> Standing:
    if member.death and member.death.proved(now):
        return Standing(Phase.ABSENT, member.death.reason, member.death.message)
    held_until = _held_until(member.removed)
    if held_until and now < held_until:
        return Standing(Phase.QUALIFYING, "HoldDown", "it was removed a moment ago", held_until)
    good = _good(member, cluster)
    if not good:
        found = fault(member.last, cluster.spec, need_master=_need_master(member, cluster))
        reason, message = (found.reason, found.message) if found else _REMOVED_SINCE
        return Standing(Phase.ABSENT, reason, message)
    if len(good) < GOOD_PROBES or good[-1].at - good[0].at < GOOD_FOR:
        message = f"{len(good)} good probes since {good[0].at:%H:%M:%S}"
        return Standing(Phase.QUALIFYING, "Qualifying", message)
    message = f"{member.unit or 'a node'} answers well at {member.ip}"
    return Standing(Phase.QUALIFYING, "Qualified", message, due=True)


def _inside(member: Member, cluster: Cluster, now: datetime) -> Standing:
    if member.death and member.death.proved(now):
        reason, message = member.death.reason, member.death.message
        return Standing(Phase.LEAVING, reason, message, due=True, dead=True)
    failed = _failing(member)
    if not failed:
        found = fault(member.last, cluster.spec)
        reason, message = (found.reason, found.message) if found else ("Serving", "in the cluster")
        return Standing(Phase.PRESENT, reason, message)
    given_up = _given_up(failed)
    old = now - failed[-1].at > cluster.probe_age_max
    if given_up is None or now < given_up or old:
        message = f"unreachable since {failed[0].at:%H:%M:%S}"
        return Standing(Phase.SUSPECT, "Unreachable", message, given_up)
    leaves = _last_beat(member, given_up, cluster) + GRACE
    message = f"unreachable since {failed[0].at:%H:%M:%S}, refreshed no more"
    return Standing(Phase.LEAVING, "Unresponsive", message, leaves, due=now >= leaves)


def _good(member: Member, cluster: Cluster) -> tuple[Probe, ...]:
    """The good probes since the last bad one and the last removal."""
    removed = member.removed[-1] if member.removed else None
    need_master = _need_master(member, cluster)
    return _trailing(
        member.probes,
        lambda probe: (
            (removed is None or probe.at > removed)
            and fault(probe, cluster.spec, need_master=need_master) is None
        ),
    )


def _need_master(member: Member, cluster: Cluster) -> bool:
    """Not while a cluster forms, nor when nobody else is there to form it with: with a quorum of
    two or more, the first node has no master until others have found it here."""
    others = (other for other in cluster.registered if other.ip != member.ip)
    return cluster.formed and any(other.live for other in others)


def _held_until(removed: tuple[datetime, ...]) -> datetime | None:
    """How long an address stays out after a removal: longer the more often it comes and goes."""
    if not removed:
        return None
    flaps = sum(removed[-1] - at < FLAP_WINDOW for at in removed)
    doubled = HOLD_DOWN * (1 << max(0, flaps - FLAPS_FREE))
    return removed[-1] + min(doubled, HOLD_DOWN_MAX)


def _failing(member: Member) -> tuple[Probe, ...]:
    """The probes since the node was last reached, none of which got through to it."""
    return _trailing(member.probes, _unreached)


def _given_up(failed: tuple[Probe, ...]) -> datetime | None:
    """When there were enough failures for long enough; None: too few yet."""
    if len(failed) < FAILED_PROBES:
        return None
    return max(failed[0].at + FAILED_FOR, failed[FAILED_PROBES - 1].at)


def _last_beat(member: Member, given_up: datetime, cluster: Cluster) -> datetime:
    """When the registration was refreshed last, at the latest that is known. etcd v2 tells nobody
    of a refresh, so the expiry that was seen may be an old one; but it is refreshed up to the
    moment when the node is given up, and for as long as we are blind."""
    registration = cluster.spec.registration
    known = [given_up - timedelta(seconds=registration.refresh_seconds)]
    if member.item and member.item.expires_at:
        known.append(member.item.expires_at - timedelta(seconds=registration.ttl_seconds))
    return max(*known, _last_blind(cluster) or known[0])


def _last_blind(cluster: Cluster) -> datetime | None:
    """The last time when so many registered nodes may have failed at once that we were blind."""
    latest = (
        next((probe.at for probe in reversed(member.probes) if _unreached(probe)), None)
        for member in cluster.registered
    )
    times = sorted((at for at in latest if at), reverse=True)
    count = _blind_count(cluster.registered)
    return times[count - 1] if len(times) >= count else None


def _blind_count(registered: Iterable[Member]) -> int:
    return max(BLIND_LEAST, (len(tuple(registered)) + 1) // 2)


def _unreached(probe: Probe) -> bool:
    return probe.transport != "open"


def _trailing(probes: tuple[Probe, ...], which: Callable[[Probe], bool]) -> tuple[Probe, ...]:
    return tuple(reversed(tuple(takewhile(which, reversed(probes)))))
