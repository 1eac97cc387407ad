"""What time makes of a phase: long enough up to count as healthy, too long down to be normal."""

from datetime import datetime, timedelta

from steersman.kinds.unit.observe import InstanceObserved
from steersman.kinds.unit.phase import SETTLING, Phase
from steersman.model.spec import Rollout

UNPLACED = timedelta(seconds=30)  # fleet's engine looks every 2 s; a lost machine takes it 30 s
SILENT = timedelta(seconds=60)  # states vanish by mistake for up to 24 s


def ripe_at(instance: InstanceObserved, rollout: Rollout) -> datetime | None:
    """When its phase has lasted so long that more is said of it; None: nothing more, or at once."""
    lasts = _lasts(instance.phase, rollout)
    return instance.since + lasts if instance.since and lasts is not None else None


def ripe(instance: InstanceObserved, rollout: Rollout, now: datetime) -> bool:
    at = ripe_at(instance, rollout)
    return at is None or at <= now


def healthy(instance: InstanceObserved, rollout: Rollout, now: datetime) -> bool:
    """Up, meant to be up, with fleet's content, and for long enough to be relied on."""
    return _as_meant(instance) and ripe(instance, rollout, now)


def settling(instance: InstanceObserved, rollout: Rollout, now: datetime) -> bool:
    """It would be healthy, had it been seen so for long enough."""
    return _as_meant(instance) and not ripe(instance, rollout, now)


def _as_meant(instance: InstanceObserved) -> bool:
    launched = instance.unit is not None and instance.unit.desired_state == "launched"
    return launched and instance.serving


def _lasts(phase: Phase, rollout: Rollout) -> timedelta | None:
    match phase:
        case Phase.RUNNING | Phase.COMPLETED:
            return timedelta(seconds=rollout.min_healthy_seconds)
        case Phase.MOVING:
            return timedelta(seconds=rollout.deadline_seconds)
        case Phase.STARTING:
            return SETTLING
        case Phase.UNPLACED:
            return UNPLACED
        case Phase.SILENT:
            return SILENT
    return None
