"""Settings: every address, interval and limit of the daemon, each with its unit in its name."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

# What Compute Engine takes as a label value; the owner is one.
LABEL_VALUE = r"^[a-z0-9]([-_a-z0-9]{0,61}[a-z0-9])?$"
PORT_MAX = 65_535
APPROVALS = ("auto", "auto-safe", "ask")
Seconds = Annotated[float, Field(gt=0, le=86_400)]
# What has to be shorter, together, than what: or a leader could not renew its lease in time, would
# not know before it ends that it could not, or could start no call.
SHORTER = (
    (("lease_retry_seconds",), "renew_deadline_seconds"),
    (("renew_deadline_seconds", "lease_margin_seconds"), "lease_seconds"),
    (("call_least_seconds",), "call_timeout_seconds"),
    (("call_least_seconds", "lease_retry_seconds", "lease_margin_seconds"), "lease_seconds"),
)


class Settings(BaseSettings):
    """From STEERSMAN_* in the environment, and flags, which win."""

    model_config = SettingsConfigDict(
        env_prefix="STEERSMAN_", env_ignore_empty=True, frozen=True, extra="ignore"
    )

    home_store: str = "etcd3://127.0.0.1:2379"
    home_store_ca: Path | None = None
    home_store_cert: Path | None = None
    home_store_key: Path | None = None
    home_store_username: str | None = None
    home_store_password_file: Path | None = None
    unit_store: str | None = None
    unit_store_ca: Path | None = None
    unit_store_cert: Path | None = None
    unit_store_key: Path | None = None
    unit_store_username: str | None = None
    unit_store_password_file: Path | None = None

    owner: Annotated[str, Field(pattern=LABEL_VALUE)]
    mode: Literal["act", "observe"] = "act"
    approval: str = "auto"  # and of single kinds: auto-safe,unit=ask
    identity: str | None = None  # of this daemon, in the leader key; default host and process id

    fleet: str | None = None
    gce_project: str | None = None
    gce_endpoint: str | None = None
    gce_credentials: str = "default"

    listen: str = "127.0.0.1:9110"
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    compute_interval_seconds: Seconds = 15
    fleet_interval_seconds: Seconds = 5
    elasticsearch_interval_seconds: Seconds = 15
    elasticsearch_qualify_interval_seconds: Seconds = 5
    settle_seconds: Seconds = 60  # a mass loss is held so long: twice fleet's agent TTL
    keys_interval_seconds: Seconds = 20  # the watch of the keys says at least so often it is alive
    pending_interval_seconds: Seconds = 1  # while an effect is awaited, its system is read so often
    resync_interval_seconds: Seconds = 300
    relist_interval_seconds: Seconds = 600  # what a watch told of a store is compared so often
    gce_read_timeout_seconds: Seconds = 30
    store_timeout_seconds: Seconds = 5
    store_silence_seconds: Seconds = 15  # a store that says nothing for longer does not answer
    fleet_timeout_seconds: Seconds = 8
    elasticsearch_timeout_seconds: Seconds = 3

    lease_seconds: Annotated[int, Field(ge=5, le=300)] = 15
    renew_deadline_seconds: Seconds = 10
    lease_retry_seconds: Seconds = 2
    lease_margin_seconds: Seconds = 1  # a call ends so long before the lease could
    call_timeout_seconds: Seconds = 8  # of an outside call of a step, at most
    call_least_seconds: Seconds = 3  # none starts when the lease leaves it less

    workers: Annotated[int, Field(ge=1, le=64)] = 8
    calls_per_system: Annotated[int, Field(ge=1, le=63)] | None = None  # at once; default: `room`
    actions_per_hour: Annotated[int, Field(ge=1, le=1_000_000)] = 120  # of one kind, whatever fails
    events_kept: Annotated[int, Field(ge=10, le=100_000)] = 1000
    stop_grace_seconds: Seconds = 10

    @field_validator("listen")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not re.fullmatch("[0-9]{1,5}", port) or int(port) > PORT_MAX:
            msg = f"{value!r} is not of the form HOST:PORT"
            raise ValueError(msg)
        return value

    @field_validator("approval")
    @classmethod
    def _policies(cls, value: str) -> str:
        for _, policy in _assigned(value):
            if policy not in APPROVALS:
                msg = f"{policy!r} is none of {', '.join(APPROVALS)}"
                raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _leases_that_can_be_held(self) -> Self:
        for parts, whole in SHORTER:
            if sum(getattr(self, each) for each in parts) >= getattr(self, whole):
                told = " + ".join(self._told(each) for each in parts)
                msg = f"{told} has to be less than {self._told(whole)}"
                raise ValueError(msg)
        return self

    def _told(self, name: str) -> str:
        return f"STEERSMAN_{name.upper()} ({getattr(self, name):g})"

    @model_validator(mode="after")
    def _workers_that_are_not_all_in_one_system(self) -> Self:
        if self.calls_per_system and self.calls_per_system >= self.workers > 1:
            fewer = self._told("calls_per_system")
            msg = f"{fewer} has to be less than {self._told('workers')}"
            raise ValueError(msg)
        return self

    @property
    def room(self) -> int:
        """How many workers may be in one system at once. By default two systems that hang leave
        some to the others."""
        return self.calls_per_system or max(1, (self.workers - 1) // 2)

    @property
    def approvals(self) -> Mapping[str, str]:
        """The policy of each kind that has one of its own, and, under "", that of all others."""
        return {"": "auto", **dict(_assigned(self.approval))}

    @property
    def listen_address(self) -> tuple[str, int]:
        host, _, port = self.listen.rpartition(":")
        return host, int(port)


def _assigned(approval: str) -> Iterator[tuple[str, str]]:
    for each in approval.split(","):
        kind, equals, policy = each.strip().rpartition("=")
        yield (kind.strip().lower() if equals else ""), policy.strip()
