"""Compute Engine, over google-cloud-compute."""

from steersman.clients.gce.client import ComputeClient

__all__ = ["ComputeClient"]
