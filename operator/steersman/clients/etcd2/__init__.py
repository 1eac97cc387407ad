"""A store over etcd's v2 API."""

from steersman.clients.etcd2.store import Etcd2Store

__all__ = ["Etcd2Store"]
