"""Fingerprints: eight bytes that change with the content, so that no edit overwrites another."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence

EMPTY = "42WmSpB8rSM="  # what the real API says of empty tags, metadata and labels


def fingerprint(content: Mapping[str, object] | Sequence[object]) -> str:
    if not content:
        return EMPTY
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).digest()
    return base64.urlsafe_b64encode(digest[:8]).decode()
