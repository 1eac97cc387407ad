"""References that people type: kinds short or long, in any case, members of a resource."""

from dataclasses import dataclass

from steersman.cli.exits import UsageError
from steersman.kinds import KINDS
from steersman.model.document import nearest
from steersman.model.resource import NAME, Key


@dataclass(frozen=True, slots=True)
class Reference:
    """A resource, or one member of it: `core2` of nodepool/core, `@1` of a unit."""

    key: Key
    member: str | None = None

    def concerns(self, target: str | None) -> bool:
        """Whether a step's target (`compute:zone/core2`, `fleet:x@1.service`) is meant."""
        if self.member is None:
            return True
        name = (target or "").rpartition(":")[2].rpartition("/")[2].removesuffix(".service")
        return name.endswith(self.member) if self.member.startswith("@") else name == self.member


def kind_named(text: str) -> str:
    """The full name of a kind."""
    word = text.lower()
    names = {name: name for name in KINDS} | {kind.short: name for name, kind in KINDS.items()}
    if word not in names:
        hint = nearest(word, names)
        msg = f"unknown kind {text!r}" + (f" (did you mean {names[hint]}?)" if hint else "")
        raise UsageError(msg)
    return names[word]


def reference(text: str) -> Reference:
    kind, _, rest = text.partition("/")
    name, slash, member = rest.lower().partition("/")
    if not slash:
        name, at, instance = name.partition("@")
        member = at + instance
    if not NAME.fullmatch(name) or member == "@" or (slash and not member):
        msg = f"{text!r} is not of the form KIND/NAME"
        raise UsageError(msg)
    return Reference(Key(kind_named(kind), name), member or None)


def key_named(text: str) -> Key:
    """A reference to a whole resource."""
    found = reference(text)
    if found.member:
        msg = f"{text!r} is a member: {found.key} is meant here"
        raise UsageError(msg)
    return found.key
