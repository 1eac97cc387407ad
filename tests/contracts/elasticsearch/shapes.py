"""What of an answer two servers of one version have in common: its words, not its values."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

# an id is 22 letters of which one is no small one; a field's name never is
_ID = re.compile(r"(?=.*[A-Z0-9])[\w-]{22}")
_UUID = re.compile(r"(?<![\w-])(?=[\w-]*[A-Z0-9])[\w-]{22}(?![\w-])")
# parts of a node's description that tell of its machine, its JVM and its plugins
MACHINERY = frozenset({"aggregations", "ingest", "modules", "os", "plugins", "process"})
MACHINERY |= {"search_pipelines", "thread_pool", "jvm", "settings", "network"}
# where a server stands in a text, and how its parser puts what it did not like
_PASSING = re.compile(r"RemoteTransportException\[\[[^;]*\]\]; nested: (.*); $")


def told(request: str, body: Any) -> Any:
    """Of a refusal its whole text, of a table its head, of anything else its fields and types."""
    if isinstance(body, dict) and "error" in body:
        return _anonymous(body)
    if isinstance(body, str):
        head = body.partition("\n")[0].split()
        return head if "?v" in request else None
    return _shape(body)


def differences(recorded: Any, answered: Any, path: str = "") -> Iterator[str]:
    """Where the second is not as the first, as far as both could tell."""
    if isinstance(recorded, dict) and isinstance(answered, dict):
        for name in sorted(recorded.keys() - answered.keys()):
            yield f"{path}.{name} is missing"
        for name in sorted(answered.keys() - recorded.keys()):
            yield f"{path}.{name} is too much"
        for name in sorted(recorded.keys() & answered.keys()):
            yield from differences(recorded[name], answered[name], f"{path}.{name}")
    elif isinstance(recorded, list) and isinstance(answered, list):
        for pair in zip(recorded, answered, strict=False):
            yield from differences(*pair, path=f"{path}[]")
    elif recorded != answered and "null" not in (recorded, answered):
        yield f"{path} is {answered!r} instead of {recorded!r}"


def beyond(found: str, left_out: tuple[str, ...]) -> bool:
    """Whether a difference is none of those that are known and meant."""
    return not any(fnmatchcase(found, pattern) for pattern in left_out)


def _sorted_methods(text: str) -> str:
    """The methods that a path has come in no order."""
    head, allowed, methods = text.partition("allowed: ")
    return head + allowed + ", ".join(sorted(methods.strip("[]").split(", ")))


def _shape(value: Any) -> Any:
    match value:
        case dict():
            names = sorted(value)
            return {_name(name): _part(name, value[name]) for name in reversed(names)}
        case list():
            return [_shape(item) for item in value[:1]]
        case None:
            return "null"
        case bool():
            return "bool"
        case int() | float():
            return "number"
    return "text"


def _part(name: str, value: Any) -> Any:
    return "machinery" if name in MACHINERY else _shape(value)


def _name(name: str) -> str:
    return "*" if _ID.fullmatch(name) else name


def _anonymous(body: Any) -> Any:
    """A refusal without ids, and as the node would have put it that did the work itself."""
    match body:
        case dict():
            return {name: _anonymous(value) for name, value in body.items()}
        case list():
            return [_anonymous(item) for item in body]
        case str():
            passed = _PASSING.fullmatch(body)
            return _sorted_methods(_UUID.sub("*", passed[1] if passed else body))
    return body
