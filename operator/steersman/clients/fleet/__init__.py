"""fleet's v1 HTTP API."""

from steersman.clients.fleet.client import FleetClient

__all__ = ["FleetClient"]
