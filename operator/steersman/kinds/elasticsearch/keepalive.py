"""Which registrations stay refreshed: those of nodes that are there, or that may be."""

from collections.abc import Iterator
from datetime import datetime

from steersman.kinds.elasticsearch.observe import observe
from steersman.kinds.elasticsearch.register import assess
from steersman.kinds.elasticsearch.spec import ElasticsearchSpec
from steersman.model.kind import KeepAlive
from steersman.model.resource import Resource
from steersman.model.world import World


def keepalives(
    resource: Resource[ElasticsearchSpec], world: World, now: datetime
) -> tuple[KeepAlive, ...]:
    if resource.spec.registration.writer != "steersman":
        return ()
    return tuple(_keepalives(resource, world, now))


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
