"""Asking for a teardown within a document's own text."""

from steersman.cli.work.textedit import with_value


def marked(content: bytes) -> bytes:
    """The document with `metadata.deleting: true`. DocumentError: it cannot be read."""
    return with_value(content, ("metadata", "deleting"), value=True)
