"""Labels: replaced as a whole, by whoever has seen those that are there."""

from collections.abc import Mapping

from localcloud.compute.bodies.fields import Fields
from localcloud.compute.errors import stale_fingerprint
from localcloud.compute.fingerprints import fingerprint


def changed(body: object, current: Mapping[str, str]) -> Mapping[str, str]:
    """The new labels of a setLabels request."""
    fields = Fields(body)
    if fields.text("labelFingerprint") != fingerprint(current):
        raise stale_fingerprint("labels")
    return fields.labels("labels")
