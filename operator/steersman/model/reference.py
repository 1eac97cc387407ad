"""References as people type them: kinds short or long, in any case, and members of a resource."""

from steersman.model.document import DocumentError, Problem, nearest
from steersman.model.kind import Kinds
from steersman.model.requests import ALL, Scope
from steersman.model.resource import NAME


def kind_named(text: str, kinds: Kinds) -> str:
    """The full name of a kind. DocumentError for an unknown one."""
    word = text.lower()
    names = {name: name for name in kinds} | {kind.short: name for name, kind in kinds.items()}
    if word not in names:
        hint = nearest(word, names)
        problem = Problem(f"unknown kind {text!r}", did_you_mean=names[hint] if hint else None)
        raise DocumentError(problem)
    return names[word]


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
