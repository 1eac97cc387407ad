"""Errors, sorted by what the engine does next; made once, where the wire is."""

from enum import StrEnum


class ErrorClass(StrEnum):
    """What to do about a failed outside call."""

    TRANSIENT = "transient"  # try again, with backoff
    THROTTLED = "throttled"  # wait for the next minute, all calls of that system
    STOCKOUT = "stockout"  # this zone has no room: another zone may
    QUOTA = "quota"  # a person has to raise a limit
    DENIED = "denied"  # credentials or permissions are wrong
    INVALID = "invalid"  # the request itself is wrong: the same again will fail again
    CONFLICT = "conflict"  # somebody else changed it: look again


class SteersmanError(Exception):
    """The root of every error that this project raises."""


class SettingError(SteersmanError):
    """The value of a setting (`fleet`, as it is called in Settings) is none that it may have."""

    def __init__(self, setting: str, message: str) -> None:
        super().__init__(message)
        self.setting = setting


class OutsideError(SteersmanError):
    """An outside call that did not do what was asked.

    `code` is the wire's own word or number (`ZONE_RESOURCE_POOL_EXHAUSTED`, `503`, `105`).
    `applied` is False when the other side certainly did nothing, None when nobody can tell.
    """

    def __init__(
        self, kind: ErrorClass, code: str, message: str, *, applied: bool | None = False
    ) -> None:
        super().__init__(f"{kind} ({code}): {message}")
        self.kind = kind
        self.code = code
        self.message = message
        self.applied = applied


class UnreachableError(OutsideError):
    """No answer: refused, reset, timed out. A write may have been applied."""

    def __init__(self, message: str, *, code: str = "unreachable", applied: bool | None = None):
        super().__init__(ErrorClass.TRANSIENT, code, message, applied=applied)


class CorruptUnitError(OutsideError):
    """fleet has the unit and cannot read it: its desired state is none of the three words, or its
    text is gone. It is not missing: only somebody with access to fleet's keys can mend it."""

    def __init__(self, name: str) -> None:
        message = f"fleet has {name} and cannot read it: its keys in etcd have to be mended"
        super().__init__(ErrorClass.INVALID, "corrupt", message)


class NotThereError(SteersmanError):
    """What was asked for by its name is not in force."""

    def __init__(self, name: object) -> None:
        super().__init__(f"{name} is not there")


class WatchLostError(SteersmanError):
    """A watch cannot go on from where it was (compacted, cleared, a store that went back):
    list again, and compare."""


class FencedError(SteersmanError):
    """A fenced write was refused: the leader key is no longer ours."""
