"""Reading a document under its key: the envelope, the kind's spec, and all that is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from steersman.model import annotations
from steersman.model.document import Body, DocumentError, Problem, nearest, problems_of
from steersman.model.kind import Kind, Kinds
from steersman.model.plan import Target
from steersman.model.reference import kind_named, unknown_kind
from steersman.model.resource import DESIRED, NAME, Key, Metadata, Policy
from steersman.model.spec import MetadataSpec, Spec

API_VERSION = "steersman/v1"
ENVELOPE = ("apiVersion", "kind", "metadata", "spec")


@dataclass(frozen=True, slots=True)
class Read:
    """A document that can be accepted: what it is called, and what it asks for."""

    key: Key
    metadata: Metadata
    spec: Spec
    references: tuple[Key, ...]  # whom it depends on and whom its spec reads
    writes: frozenset[Target]  # outside objects that no other document may name


def kept(read: Read) -> frozenset[Target]:
    """What others have to leave alone for good: what is going gives way in the end."""
    return frozenset() if read.metadata.deleting else read.writes


def key_of(path: str, kinds: Kinds) -> Key:
    """The key of a store path `/desired/<kind>/<name>`. DocumentError for any other path."""
    kind, slash, name = path.removeprefix(DESIRED).partition("/")
    if not slash or "/" in name:
        raise DocumentError(Problem(f"a document's key is {DESIRED}<kind>/<name>"))
    if kind not in kinds:
        raise unknown_kind(kind, kinds)
    if not NAME.fullmatch(name):
        msg = f"{name!r} is no name: lower-case letters, digits, - and . (at most 63)"
        raise DocumentError(Problem(msg))
    return Key(kind, name)


def key_in(body: Body, kinds: Kinds) -> Key:
    """The key of a document that stands in a file, from its `kind` and `metadata.name`."""
    metadata = body.data.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    kind = body.data.get("kind")
    for path, value in ((("kind",), kind), (("metadata", "name"), name)):
        if not isinstance(value, str):
            where = ".".join(path)
            raise DocumentError(Problem("a document in a file needs it", where, body.line(path)))
    return key_of(f"{DESIRED}{str(kind).lower()}/{name}", kinds)


def read(key: Key, body: Body, kinds: Kinds) -> Read:
    """The document as its kind understands it. DocumentError with every problem found."""
    problems = [*_envelope_problems(key, body)]
    metadata, more = _metadata(body, kinds)
    kind = kinds[key.kind]
    spec, most = _spec(kind, key, body)
    problems += more + most
    if problems or spec is None or metadata is None:
        raise DocumentError(*problems)
    references = (*metadata.depends_on, *kind.references(spec))
    return Read(key, metadata, spec, references, kind.writes(key, spec))


def _envelope_problems(key: Key, body: Body) -> list[Problem]:
    problems = [
        Problem("unknown field", each, body.line((each,)), nearest(each, ENVELOPE))
        for each in body.data
        if each not in ENVELOPE
    ]
    said = body.data.get("apiVersion", API_VERSION)
    if said != API_VERSION:
        msg = f"{said!r} is not known; this release reads {API_VERSION}"
        problems.append(Problem(msg, "apiVersion", body.line(("apiVersion",))))
    kind = body.data.get("kind", key.kind)
    if not isinstance(kind, str) or kind.lower() != key.kind:
        msg = f"{kind!r} contradicts the key, which says {key.kind}"
        problems.append(Problem(msg, "kind", body.line(("kind",))))
    metadata = body.data.get("metadata")
    name = metadata.get("name", key.name) if isinstance(metadata, Mapping) else key.name
    if name != key.name:
        msg = f"{name!r} contradicts the key, which says {key.name}"
        problems.append(Problem(msg, "metadata.name", body.line(("metadata", "name"))))
    return problems


def _metadata(body: Body, kinds: Kinds) -> tuple[Metadata | None, list[Problem]]:
    try:
        given = MetadataSpec.model_validate(body.data.get("metadata", {}))
    except ValidationError as error:
        return None, list(problems_of(error, MetadataSpec, ("metadata",), body))
    problems = [*annotations.faults(given.annotations, body)]
    depends_on: list[Key] = []
    for at, text in enumerate(given.depends_on):
        try:
            depends_on.append(_referred(text, kinds))
        except DocumentError as error:
            path, line = f"metadata.dependsOn[{at}]", body.line(("metadata", "dependsOn", at))
            problems += (replace(each, path=path, line=line) for each in error.problems)
    window = given.policy.window
    policy = Policy(given.policy.approval, given.policy.mode, window.window if window else None)
    metadata = Metadata(
        given.labels, given.annotations, tuple(depends_on), policy, deleting=given.deleting
    )
    return metadata, problems


def _referred(text: str, kinds: Kinds) -> Key:
    """A reference as people type it: short kinds will do."""
    kind, slash, name = text.partition("/")
    if not slash or "/" in name:
        raise DocumentError(Problem(f"{text!r} is not of the form kind/name"))
    return key_of(f"{DESIRED}{kind_named(kind, kinds)}/{name}", kinds)


def _spec(kind: Kind[Any, Any], key: Key, body: Body) -> tuple[Spec | None, list[Problem]]:
    if "spec" not in body.data:
        return None, [Problem("required, but missing", "spec", body.line(()))]
    given = body.data["spec"]
    if not isinstance(given, Mapping):
        return None, [Problem("a mapping is expected here", "spec", body.line(("spec",)))]
    try:
        return kind.spec.model_validate({**kind.spec.defaults(key.name), **given}), []
    except ValidationError as error:
        return None, list(problems_of(error, kind.spec, ("spec",), body))
