"""The outside: the clients that the settings ask for."""

import asyncio
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from steersman.clients.etcd import check_role, open_store
from steersman.clients.etcd_access import Access
from steersman.clients.measured_store import MeasuredStore
from steersman.model.errors import SettingError
from steersman.model.ports import Clock, Compute, Elasticsearch, Fleet, Store
from steersman.settings import Settings
from steersman.telemetry.metrics import Metrics

OWN_CREDENTIALS = ("default", "anonymous")  # any other word is the path of a key

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outside:
    """Everything that an operator talks to. A system that is not configured is None."""

    home: Store
    unit: Store | None
    compute: Compute | None
    fleet: Fleet | None
    elasticsearch: Elasticsearch

    @property
    def unset(self) -> Mapping[str, str]:
        """The systems that nobody configured, each with the setting that would."""
        optional = (
            ("compute", self.compute, "STEERSMAN_GCE_PROJECT"),
            ("fleet", self.fleet, "STEERSMAN_FLEET"),
        )
        return {system: setting for system, client, setting in optional if client is None}

    async def close(self) -> None:
        """All of them; one that fails is told, and is no reason to end otherwise."""
        clients = (self.home, self.unit, self.compute, self.fleet, self.elasticsearch)
        closing = (each.close() for each in clients if each is not None)
        for came in await asyncio.gather(*closing, return_exceptions=True):
            if isinstance(came, Exception):
                log.warning("closing failed", exc_info=came)


def connect(settings: Settings, clock: Clock, metrics: Metrics) -> Outside:
    """Make the clients that the settings ask for. Nothing is sent yet. SettingError: a bad one."""
    # Each brings the library of a wire protocol with it: only the daemon pays for them.
    from steersman.clients.elasticsearch import ElasticsearchClient

    return Outside(
        home=_store("home", settings.home_store, settings, metrics),
        unit=_store("unit", settings.unit_store, settings, metrics)
        if settings.unit_store
        else None,
        compute=_compute(settings, metrics),
        fleet=_fleet(settings, metrics),
        elasticsearch=ElasticsearchClient(
            clock,
            timeout_seconds=settings.elasticsearch_timeout_seconds,
            observe=metrics.backends.request,
        ),
    )


def _compute(settings: Settings, metrics: Metrics) -> Compute | None:
    from steersman.clients.gce import ComputeClient

    if not settings.gce_project:
        return None
    if settings.gce_credentials not in OWN_CREDENTIALS:
        _readable("gce_credentials", Path(settings.gce_credentials))
    with _set_by("gce_endpoint"):
        return ComputeClient(
            settings.gce_project,
            endpoint=settings.gce_endpoint,
            credentials=settings.gce_credentials,
            read_timeout_seconds=settings.gce_read_timeout_seconds,
            observe=metrics.backends.request,
        )


def _fleet(settings: Settings, metrics: Metrics) -> Fleet | None:
    from steersman.clients.fleet import FleetClient

    if not settings.fleet:
        return None
    with _set_by("fleet"):
        return FleetClient(
            settings.fleet,
            read_timeout_seconds=settings.fleet_timeout_seconds,
            observe=metrics.backends.request,
        )


def _store(role: str, url: str, settings: Settings, metrics: Metrics) -> Store:
    restarted = partial(metrics.backends.rewatched, role)
    access = _access(settings, role)
    with _set_by(f"{role}_store"):
        check_role(url, role)
        store = open_store(
            url,
            access,
            request_timeout_seconds=settings.store_timeout_seconds,
            restarted=restarted,
        )
    return MeasuredStore(store, role, metrics.backends)


def _access(settings: Settings, role: str) -> Access:
    """What lets us into the store of a role."""

    def given(name: str) -> Path | None:
        setting = f"{role}_store_{name}"
        path: Path | None = getattr(settings, setting)
        return _readable(setting, path) if path else None

    with _set_by(f"{role}_store_key"):
        access = Access(
            ca=given("ca"),
            cert=given("cert"),
            key=given("key"),
            username=getattr(settings, f"{role}_store_username"),
            password=_text(f"{role}_store_password_file", given("password_file")),
        )
    if access.tls:
        _check_tls(access, role)
    return access


def _check_tls(access: Access, role: str) -> None:
    """Files that TLS could not use are told by name, not at the first connection."""
    with _set_by(f"{role}_store_ca"):
        context = ssl.create_default_context(cafile=access.ca)
    if access.cert is not None:
        with _set_by(f"{role}_store_cert"):
            # a password would be asked for at the terminal
            context.load_cert_chain(access.cert, access.key, password="")


def _readable(setting: str, path: Path) -> Path:
    with _set_by(setting), path.open("rb"):
        return path


def _text(setting: str, path: Path | None) -> str:
    with _set_by(setting):
        return path.read_text().strip() if path else ""


@contextmanager
def _set_by(setting: str) -> Iterator[None]:
    """What is wrong within is wrong with the value of this setting."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise SettingError(setting, str(error)) from error
