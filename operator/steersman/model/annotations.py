"""The annotations that mean something to the operator. All others are their writers' own."""

from collections.abc import Iterator, Mapping

from pydantic.config import JsonDict

from steersman.model.document import Body, Problem, nearest

OWNER = "steersman"
AUTHOR = f"{OWNER}/author"  # in which `steersman apply` signs
PROTECT = f"{OWNER}/protect"  # nothing of it is taken down
ON, OFF = "true", "false"

# What an editor can tell of them; which names look like ours, only `faults` can.
SCHEMA: JsonDict = {
    "properties": {
        AUTHOR: {"type": "string", "description": "who applied it: `steersman apply` signs here"},
        PROTECT: {"enum": [ON, OFF], "description": "whether nothing of it may be taken down"},
    },
    "propertyNames": {"not": {"pattern": f"^{OWNER}/(?!author$|protect$)"}},
}

_OURS = {name.partition("/")[2]: name for name in (AUTHOR, PROTECT)}
_UNKNOWN = f"no annotation of the operator's; those are {', '.join(_OURS.values())}"


def protects(annotations: Mapping[str, str]) -> bool:
    """Whatever else than OFF an earlier release may have let pass was meant to protect."""
    return annotations.get(PROTECT, OFF) != OFF


def faults(annotations: Mapping[str, str], body: Body) -> Iterator[Problem]:
    """A switch that is misspelt would be off: what looks like one of ours has to be one."""
    for name, value in annotations.items():
        path, line = f"metadata.annotations.{name}", body.line(("metadata", "annotations", name))
        if name not in _OURS.values() and _looks_like_ours(name):
            yield Problem(_UNKNOWN, path, line, _meant(name))
        if name == PROTECT and value not in (ON, OFF):
            yield Problem(f'"{ON}" or "{OFF}" is expected here', path, line)


def _looks_like_ours(name: str) -> bool:
    prefix, slash, _ = name.lower().partition("/")
    return bool(slash) and nearest(prefix, [OWNER]) is not None


def _meant(name: str) -> str | None:
    word = nearest(name.lower().partition("/")[2], _OURS)
    return _OURS[word] if word else None
