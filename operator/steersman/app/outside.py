"""The outside: the clients that the settings ask for."""

from dataclasses import dataclass
from functools import partial

from steersman.clients.etcd import open_store
from steersman.clients.etcd_access import Access
from steersman.clients.measured_store import MeasuredStore
from steersman.model.ports import Clock, Compute, Elasticsearch, Fleet, Store
from steersman.settings import Settings
from steersman.telemetry.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Outside:
    """Everything that an operator talks to. A system that is not configured is None."""

    home: Store
    unit: Store | None
    compute: Compute | None
    fleet: Fleet | None
    elasticsearch: Elasticsearch

    async def close(self) -> None:
        for each in (self.home, self.unit, self.compute, self.fleet, self.elasticsearch):
            if each is not None:
                await each.close()


def connect(settings: Settings, clock: Clock, metrics: Metrics) -> Outside:
    """Make the clients that the settings ask for. Nothing is sent yet. ValueError: a bad URL."""
    # Each brings the library of a wire protocol with it: only the daemon pays for them.
    from steersman.clients.elasticsearch import ElasticsearchClient
    from steersman.clients.fleet import FleetClient
    from steersman.clients.gce import ComputeClient

    fleet = (
        FleetClient(
            settings.fleet,
            read_timeout_seconds=settings.fleet_timeout_seconds,
            observe=metrics.backends.request,
        )
        if settings.fleet
        else None
    )
    compute = (
        ComputeClient(
            settings.gce_project,
            endpoint=settings.gce_endpoint,
            credentials=settings.gce_credentials,
            read_timeout_seconds=settings.gce_read_timeout_seconds,
            observe=metrics.backends.request,
        )
        if settings.gce_project
        else None
    )
    return Outside(
        home=_store(settings.home_store, "home", settings, metrics),
        unit=_store(settings.unit_store, "unit", settings, metrics)
        if settings.unit_store
        else None,
        compute=compute,
        fleet=fleet,
        elasticsearch=ElasticsearchClient(
            clock,
            timeout_seconds=settings.elasticsearch_timeout_seconds,
            observe=metrics.backends.request,
        ),
    )


def _store(url: str, role: str, settings: Settings, metrics: Metrics) -> Store:
    restarted = partial(metrics.backends.rewatched, role)
    store = open_store(
        url,
        _access(settings, role),
        request_timeout_seconds=settings.store_timeout_seconds,
        restarted=restarted,
    )
    return MeasuredStore(store, role, metrics.backends)


def _access(settings: Settings, role: str) -> Access:
    """What lets us into the store of a role. OSError: the password file cannot be read."""
    given = {name: getattr(settings, f"{role}_store_{name}") for name in ("ca", "cert", "key")}
    password_file = getattr(settings, f"{role}_store_password_file")
    return Access(
        **given,
        username=getattr(settings, f"{role}_store_username"),
        password=password_file.read_text().strip() if password_file else "",
    )
