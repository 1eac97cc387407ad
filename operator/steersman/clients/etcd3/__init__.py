"""A store over etcd's v3 API."""

from steersman.clients.etcd3.store import Etcd3Store

__all__ = ["Etcd3Store"]
