"""Compute Engine: its resources, operations and errors as a model, and its REST API."""
