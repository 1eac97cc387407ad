"""Settings from the environment and flags, and the daemon under them."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from steersman.app import run
from steersman.cli.exits import UsageError
from steersman.model.document import nearest
from steersman.model.errors import SettingError, SteersmanError
from steersman.settings import Settings

PREFIX = "STEERSMAN_"


def run_daemon(named: Mapping[str, str], flags: Iterable[str]) -> None:
    """Until it is told to stop."""
    settings = settings_from({**named, **dict(_given(flags))})
    try:
        asyncio.run(run(settings))
    except SettingError as error:
        msg = f"{_spelled(error.setting)}: {error}"
        raise UsageError(msg) from error
    except (OSError, ValueError) as error:
        raise SteersmanError(str(error)) from error
    except BaseExceptionGroup as errors:
        raise _first(errors) from errors


def settings_from(flags: Mapping[str, str]) -> Settings:
    """Flags win over the environment. UsageError names every setting that is wrong."""
    try:
        return Settings.model_validate(dict(flags))
    except ValidationError as error:
        raise UsageError("; ".join(_told(each) for each in error.errors())) from error


def _given(flags: Iterable[str]) -> Iterator[tuple[str, str]]:
    words = iter(flags)
    for word in words:
        flag, equals, value = word.partition("=")
        name = flag.removeprefix("--").replace("-", "_")
        if not flag.startswith("--") or name not in Settings.model_fields:
            hint = nearest(name, Settings.model_fields)
            told = f" (did you mean --{hint.replace('_', '-')}?)" if hint else ""
            msg = f"no such setting: {flag}{told}"
            raise UsageError(msg)
        yield name, value if equals else _next(words, flag)


def _next(words: Iterator[str], flag: str) -> str:
    value = next(words, None)
    if value is None:
        msg = f"{flag} needs a value"
        raise UsageError(msg)
    return value


def _told(error: ErrorDetails) -> str:
    """What is wrong between several settings names them itself."""
    return ": ".join([*(_spelled(str(name)) for name in error["loc"][:1]), error["msg"]])


def _spelled(name: str) -> str:
    return f"{PREFIX}{name.upper()} (--{name.replace('_', '-')})"


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error that ended the daemon: as one line when it is ours, else as it was raised."""
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return SteersmanError(str(error)) if isinstance(error, OSError) else error
