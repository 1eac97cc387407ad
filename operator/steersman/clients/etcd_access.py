"""What a store may need to be let in: TLS files, a user and a password; how long it may take."""

from dataclasses import dataclass, field
from pathlib import Path

from steersman.model.errors import UnreachableError

REQUEST_TIMEOUT_SECONDS = 5.0  # unless the settings say otherwise


@dataclass(frozen=True, slots=True)
class Access:
    """TLS is used when there is a CA or a certificate; a login is made when there is a user.
    Without a `key`, it is in the file of the certificate. ValueError: a key that is nobody's."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    username: str | None = None
    password: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if self.key is not None and self.cert is None:
            message = f"the key {self.key} has no certificate beside it"
            raise ValueError(message)

    @property
    def tls(self) -> bool:
        return self.ca is not None or self.cert is not None


ANONYMOUS = Access()


def no_tls(error: OSError) -> UnreachableError:
    """Files that could be read when we began may be gone when a connection is made."""
    message = f"the files of TLS cannot be used: {error}"
    return UnreachableError(message, code="tls", applied=False)
