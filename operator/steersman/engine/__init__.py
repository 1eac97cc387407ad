"""Machinery that names no kind and no client: from documents to steps, and back to records."""
