"""Paths of keys that documents name: within their own tree, and seen by whoever lists it."""

import re

KEY_CHARACTERS_MAX = 512

_SEGMENT = re.compile(r"[A-Za-z0-9.@-][A-Za-z0-9._@-]*")


def misplaced(path: str, root: str) -> str | None:
    """Why no document may name this key, or directory, below `root`; None: it may."""
    if not path.startswith(root):
        return f"{path!r} does not lie below {root}"
    for segment in path.removeprefix(root).split("/"):
        # etcd v2 follows .. itself, and hides a name that begins with _
        if not _SEGMENT.fullmatch(segment) or segment in (".", ".."):
            said = f"{segment!r} is no part of a key below {root}"
            return f"{said}: letters, digits, . @ - and, not first, _"
    return None
