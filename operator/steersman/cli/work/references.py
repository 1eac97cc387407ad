"""References, and durations, that people type on a command line."""

from dataclasses import dataclass
from datetime import timedelta

from steersman.cli.exits import UsageError
from steersman.kinds import KINDS
from steersman.model import duration as durations
from steersman.model import reference as references
from steersman.model.document import DocumentError
from steersman.model.requests import Scope, named
from steersman.model.resource import Key


@dataclass(frozen=True, slots=True)
class Reference:
    """A resource, or one member of it: `core2` of nodepool/core, `@1` of a unit."""

    key: Key
    member: str | None = None

    def __str__(self) -> str:
        return str(self.scope)

    @property
    def scope(self) -> Scope:
        return Scope(self.key.kind, self.key.name, self.member)

    def concerns(self, target: str | None) -> bool:
        """Whether a step's target (`compute:zone/core2`, `fleet:x@1.service`) is meant."""
        return self.member is None or named(self.member, (target or "").rpartition(":")[2])


def kind_named(text: str) -> str:
    """The full name of a kind."""
    try:
        return references.kind_named(text, KINDS)
    except DocumentError as error:
        raise UsageError(str(error)) from error


def duration(text: str) -> timedelta:
    """30s, 10m, 2h, 1d."""
    try:
        return durations.duration(text)
    except DocumentError as error:
        raise UsageError(str(error)) from error


def scope_named(text: str) -> Scope:
    """A reference to everything, a kind, a resource or a member."""
    try:
        return references.scope_of(text, KINDS)
    except DocumentError as error:
        raise UsageError(str(error)) from error


def reference(text: str) -> Reference:
    """A reference to a resource or a member."""
    scope = scope_named(text)
    if scope.kind is None or scope.name is None:
        msg = f"{text!r} is not of the form KIND/NAME"
        raise UsageError(msg)
    return Reference(Key(scope.kind, scope.name), scope.member)


def key_named(text: str) -> Key:
    """A reference to a whole resource."""
    found = reference(text)
    if found.member:
        msg = f"{text!r} is a member: {found.key} is meant here"
        raise UsageError(msg)
    return found.key
