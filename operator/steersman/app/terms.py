"""What the settings say of the World: how long what was seen holds, and whose it is."""

from collections.abc import Mapping
from datetime import timedelta

from steersman.engine.acceptance.claims import HOME, UNIT
from steersman.kinds import KINDS
from steersman.model.errors import SettingError
from steersman.model.world import World
from steersman.settings import Settings

FRESH_INTERVALS = 3  # a snapshot older than so many of its intervals is stale


def stale_seconds(settings: Settings) -> Mapping[str, float]:
    """How old what was read of each system may be."""
    intervals = {
        "compute": settings.compute_interval_seconds,
        "fleet": settings.fleet_interval_seconds,
        "keys": settings.keys_interval_seconds,
        "elasticsearch": settings.elasticsearch_interval_seconds,
    }
    return {source: seconds * FRESH_INTERVALS for source, seconds in intervals.items()}


def silence_seconds(settings: Settings) -> Mapping[str, float]:
    """For how long each source may say nothing."""
    stores = dict.fromkeys((HOME, UNIT), settings.store_silence_seconds)
    return {**stores, **stale_seconds(settings)}


def first_world(settings: Settings, unset: Mapping[str, str]) -> World:
    """`unset`: the systems that nobody configured, each with the setting that would."""
    stale_after = {
        source: timedelta(seconds=seconds) for source, seconds in stale_seconds(settings).items()
    }
    return World(
        owner=settings.owner,
        mode=settings.mode,
        unset=unset,
        stale_after=stale_after,
        approvals=_approvals(settings),
        settle=timedelta(seconds=settings.settle_seconds),
    )


def _approvals(settings: Settings) -> Mapping[str, str]:
    """SettingError: a policy for a kind that there is not."""
    unknown = sorted(settings.approvals.keys() - {"", *KINDS})
    if unknown:
        msg = f"{unknown[0]!r} is no kind; there are {', '.join(KINDS)}"
        raise SettingError("approval", msg)
    return settings.approvals
