"""Informers: snapshots of the outside, one for each system, never a request for each resource."""
