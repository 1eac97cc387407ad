"""Who we are to Compute Engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from steersman.clients.gce import errors
from steersman.clients.gce.deadline import seconds_left
from steersman.model.errors import ErrorClass, OutsideError

SCOPES = ("https://www.googleapis.com/auth/compute",)


class Identity:
    """The credentials, and the connections over which their tokens are fetched."""

    def __init__(self, which: str) -> None:
        from google.auth.transport.requests import Request
        from requests import Session

        from steersman.clients.gce.whole import whole

        self.credentials = _load(which)
        self._session = whole(Session())
        self._request = Request(self._session)

    def ready(self, url: str, doing: str, deadline: float) -> None:
        """Fetch a token where one is due. The library would do so in the midst of a call, and then
        send a write however late it has become."""
        with _asking(doing):
            request = partial(self._request, timeout=seconds_left(doing, deadline))
            self.credentials.before_request(request, "POST", url, {})

    def renew(self, doing: str, deadline: float) -> None:
        """Fetch another token: this one was refused, though its time is not over."""
        with _asking(doing):
            self.credentials.refresh(partial(self._request, timeout=seconds_left(doing, deadline)))

    def close(self) -> None:
        self._session.close()


@contextmanager
def _asking(doing: str) -> Iterator[None]:
    """What fails here has sent nothing to the API."""
    try:
        yield
    except OutsideError:
        raise
    except Exception as error:
        raise errors.raised(error, doing, write=False) from error


def _load(which: str) -> Any:
    """`default`: what the library finds; `anonymous`; else the file of a service account's key.

    A service account signs its own tokens: there is no token server that could fail.
    """
    from google.auth.credentials import AnonymousCredentials
    from google.oauth2 import service_account

    if which == "anonymous":
        return AnonymousCredentials()
    found = _default() if which == "default" else _key_file(which)
    if isinstance(found, service_account.Credentials):
        return found.with_always_use_jwt_access(True)
    return found


def _default() -> Any:
    import google.auth

    credentials, _ = google.auth.default(scopes=SCOPES)
    return credentials


def _key_file(path: str) -> Any:
    from google.oauth2 import service_account

    try:
        return service_account.Credentials.from_service_account_file(path, scopes=SCOPES)
    except (OSError, ValueError) as error:
        message = f"{path} is not the key of a service account: {type(error).__name__}"
        raise OutsideError(ErrorClass.DENIED, errors.CREDENTIALS, message) from error
