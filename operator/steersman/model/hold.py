"""Holds: losses that are too large to be believed at once, and stores that went back."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pydantic import AwareDatetime

from steersman.model.plan import Target
from steersman.model.status import shortened

LOST_MIN = 2  # so many may always go at once
LOST_SHARE = 0.2  # and this share of what was up
NAMES_SHOWN_MAX = 3


def implausible(lost: int, total: int) -> bool:
    """Whether that many of so many do not go within a minute unless something is wrong."""
    return lost > max(LOST_MIN, LOST_SHARE * total)


@dataclass(frozen=True, slots=True)
class Lost:
    """Something that was up, and how it went. `ip` is where it was; `absent`: nothing is said of it
    any more, as opposed to that it is down; `watched`: another source knew it, too."""

    target: Target
    ip: str | None = None
    absent: bool = True
    watched: bool = False


@dataclass(frozen=True, slots=True)
class Went:
    """A loss, and when it was seen last; `told`: it was held, or it is our own doing."""

    lost: Lost
    at: AwareDatetime
    told: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """Some of `what` a source shows went at once, out of `total` that were up; `emptied`: it
    shows nothing of the sort any more. Steps that rest on the source wait `until` then, and on
    while another source still sees some of it (`contradicted`)."""

    name: str
    source: str
    what: str
    lost: tuple[Lost, ...] = field(repr=False)
    total: int
    since: AwareDatetime
    until: AwareDatetime
    emptied: bool = False
    contradicted: bool = False

    @property
    def targets(self) -> frozenset[Target]:
        return frozenset(each.target for each in self.lost)

    def in_force(self, now: datetime) -> bool:
        return self.contradicted or now < self.until

    def renewed(self, now: datetime, settle: timedelta) -> "Hold":
        """Counted anew, by a daemon that was not there when it began."""
        return replace(self, since=now, until=now + settle, contradicted=False)

    @property
    def message(self) -> str:
        names = sorted(each.target.name for each in self.lost)
        told = f"{len(names)} of {self.total} {self.what} went at once"
        doubt = ", and another source still sees some" if self.contradicted else ""
        return f"{told}{doubt}: {shortened(names, NAMES_SHOWN_MAX)}"


@dataclass(frozen=True, slots=True)
class Rewound:
    """A store that went back: it was restored from a backup, and knows nothing of what was decided
    and recorded after that. `store` is its role. `key`: what shows it, where the store has been
    written to so much since then that its own revision does not."""

    store: str
    since: AwareDatetime
    before: int
    after: int
    key: str = ""

    @property
    def name(self) -> str:
        return rewound_name(self.store)

    @property
    def message(self) -> str:
        shown = f", {self.key}" if self.key else ""
        went = (
            f"the {self.store} store went back{shown} from revision {self.before} to {self.after}"
        )
        return f"{went}: look at what it says now (steersman acknowledge {self.name})"


def rewound_name(store: str) -> str:
    """What to acknowledge when the store of a role went back."""
    return f"{store}-rewound"
