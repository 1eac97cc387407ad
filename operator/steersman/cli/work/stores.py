"""The stores that a command reads and writes, opened for as long as it needs them."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from steersman.cli.exits import UsageError
from steersman.cli.given import Given
from steersman.clients.etcd import check_role, open_store
from steersman.clients.etcd_access import Access
from steersman.engine.acceptance.claims import HOME, UNIT
from steersman.model.errors import UnreachableError
from steersman.model.ports import Store

STORE_SECONDS = 20.0  # for all requests of a command to a store together


@asynccontextmanager
async def opened(
    given: Given, role: str, *, timeout_seconds: float | None = STORE_SECONDS
) -> AsyncIterator[Store]:
    """The store of one role, as `all_opened` has them."""
    async with all_opened(given, (role,), timeout_seconds=timeout_seconds) as stores:
        yield stores[role]


@asynccontextmanager
async def all_opened(
    given: Given, wanted: Iterable[str], *, timeout_seconds: float | None = STORE_SECONDS
) -> AsyncIterator[Mapping[str, Store]]:
    """The stores of some roles. UnreachableError names their addresses. None: for a command that
    waits for something."""
    urls = {role: _url(given, role) for role in wanted}
    async with AsyncExitStack() as stack:
        stores: dict[str, Store] = {}
        for role, url in urls.items():
            stores[role] = _store(url, role)
            stack.push_async_callback(stores[role].close)
        with _named(tuple(urls.values()), timeout_seconds):
            async with asyncio.timeout(timeout_seconds):
                yield stores


def _store(url: str, role: str) -> Store:
    try:
        check_role(url, role)
        return open_store(url, _access(role))
    except (ValueError, OSError) as error:
        raise UsageError(str(error)) from error


@contextmanager
def _named(urls: Sequence[str], timeout_seconds: float | None) -> Iterator[None]:
    """Which of several it was stands in what the client says: who asks does not know."""
    who = f"the store at {urls[0]}" if len(urls) == 1 else f"one of the stores {', '.join(urls)}"
    try:
        yield
    except UnreachableError as error:
        message = f"{who} does not answer: {error.message}"
        raise UnreachableError(message, code=error.code, applied=error.applied) from error
    except TimeoutError as error:
        message = f"{who} does not answer within {timeout_seconds} s"
        raise UnreachableError(message, code="timeout") from error


def roles(given: Given) -> tuple[str, ...]:
    """The stores that may hold documents."""
    return (HOME, UNIT) if given.unit_store else (HOME,)


def _url(given: Given, role: str) -> str:
    if role == HOME:
        return given.home
    if given.unit_store is None:
        raise UsageError("no unit store is known: give --unit-store or STEERSMAN_UNIT_STORE")
    return given.unit_store


def _access(role: str) -> Access:
    """From the same variables as the daemon's."""

    def path(name: str) -> Path | None:
        value = os.environ.get(f"STEERSMAN_{role.upper()}_STORE_{name}")
        return Path(value) if value else None

    password_file = path("PASSWORD_FILE")
    return Access(
        ca=path("CA"),
        cert=path("CERT"),
        key=path("KEY"),
        username=os.environ.get(f"STEERSMAN_{role.upper()}_STORE_USERNAME"),
        password=password_file.read_text().strip() if password_file else "",
    )
