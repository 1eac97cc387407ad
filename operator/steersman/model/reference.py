"""References as people type them: kinds short or long, in any case, and members of a resource."""

from collections.abc import Mapping

from steersman.model.document import DocumentError, Problem, nearest
from steersman.model.kind import Kinds
from steersman.model.requests import ALL, Scope
from steersman.model.resource import NAME


def kind_named(text: str, kinds: Kinds) -> str:
    """The full name of a kind. DocumentError for an unknown one."""
    found = _names(kinds).get(text.lower())
    if found is None:
        raise unknown_kind(text, kinds)
    return found


def unknown_kind(text: str, kinds: Kinds) -> DocumentError:
    """With the full name of the kind that was probably meant."""
    names = _names(kinds)
    hint = nearest(text.lower(), names)
    problem = Problem(f"unknown kind {text!r}", did_you_mean=names[hint] if hint else None)
    return DocumentError(problem)


def scope_of(text: str, kinds: Kinds) -> Scope:
    """The scope of `all`, KIND, KIND/NAME, unit/x@n or nodepool/core/core2. DocumentError for
    anything else."""
    if text == ALL:
        return Scope()
    kind, slash, rest = text.partition("/")
    full = kind_named(kind, kinds)
    if not slash:
        return Scope(full)
    name, slash, member = rest.lower().partition("/")
    if not slash:
        name, at, instance = name.partition("@")
        member = at + instance
    if not NAME.fullmatch(name) or member == "@" or (slash and not member):
        raise DocumentError(Problem(f"{text!r} is not of the form KIND/NAME"))
    return Scope(full, name, member or None)


def _names(kinds: Kinds) -> Mapping[str, str]:
    """The full name of each kind, by that and by the short one."""
    return {name: name for name in kinds} | {kind.short: name for name, kind in kinds.items()}
