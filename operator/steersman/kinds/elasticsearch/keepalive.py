"""Which registrations stay refreshed: those of nodes that are there, or that may be."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from steersman.kinds.elasticsearch.death import death_of
from steersman.kinds.elasticsearch.observe import observe
from steersman.kinds.elasticsearch.register import assess
from steersman.kinds.elasticsearch.remember import owners
from steersman.kinds.elasticsearch.spec import ElasticsearchSpec, Registration
from steersman.model.kind import KeepAlive
from steersman.model.resource import Key, Resource
from steersman.model.world import World


def keepalives(
    resource: Resource[ElasticsearchSpec], world: World, now: datetime
) -> tuple[KeepAlive, ...]:
    if resource.spec.registration.writer != "steersman":
        return ()
    return tuple(_keepalives(resource, world, now))


def remembered(key: Key, world: World, now: datetime) -> tuple[KeepAlive, ...]:
    """What we registered and is still there, but for nodes that are proved dead: for them the TTL
    runs out. How long theirs is, the document knew; the ordinary one lets no node go early."""
    return tuple(_remembered(owners(world.memory_of(key)), world, now))


def _remembered(written: Mapping[str, str], world: World, now: datetime) -> Iterator[KeepAlive]:
    ordinary = Registration()
    for place, owner in sorted(written.items()):
        item = world.keys.items.get(place)
        death = death_of(place.rpartition("/")[2], None, owner, None, world)
        if item and item.expires_at and not (death and death.proved(now)):
            yield KeepAlive(
                item.key,
                item.revision,
                item.value,
                ordinary.ttl_seconds,
                ordinary.refresh_seconds,
            )


def _keepalives(
    resource: Resource[ElasticsearchSpec], world: World, now: datetime
) -> Iterator[KeepAlive]:
    registration, value = resource.spec.registration, resource.spec.value
    cluster = observe(resource, world)
    standings = assess(cluster, now).standings
    for member in cluster.registered:
        item = member.item
        # one that holds something else, or never expires, is rewritten by a step first
        if item and item.value == value and item.expires_at and standings[member.ip].kept:
            yield KeepAlive(
                item.key,
                item.revision,
                item.value,
                registration.ttl_seconds,
                registration.refresh_seconds,
            )
