"""What a store may need to be let in: TLS files, a user and a password; how long it may take."""

from dataclasses import dataclass, field
from pathlib import Path

REQUEST_TIMEOUT_SECONDS = 5.0  # unless the settings say otherwise


@dataclass(frozen=True, slots=True)
class Access:
    """TLS is used when there is a CA or a certificate; a login is made when there is a user."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    username: str | None = None
    password: str = field(default="", repr=False)

    @property
    def tls(self) -> bool:
        return self.ca is not None or self.cert is not None
