"""A request body, checked as it is read: a missing or wrong value is the API's own 400."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from localcloud.compute.errors import ApiError, invalid, required

NAME = r"(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)"

_LABEL_KEY = re.compile(r"[a-z][-_a-z0-9]{0,62}")
_LABEL_VALUE = re.compile(r"[-_a-z0-9]{0,63}")
_T = TypeVar("_T")


class Fields:
    """`path` names this object in messages, `resource.disks[0]` for example."""

    def __init__(self, body: object, path: str = "resource") -> None:
        if not isinstance(body, dict):
            raise invalid(path, body, "An object is expected.")
        self._body: Mapping[str, Any] = body
        self.path = path

    def __contains__(self, name: str) -> bool:
        return self._body.get(name) is not None

    def invalid(self, name: str, value: object, why: str) -> ApiError:
        return invalid(f"{self.path}.{name}", value, why)

    def missing(self, name: str) -> ApiError:
        return required(f"{self.path}.{name}")

    def text(self, name: str, default: str = "") -> str:
        return self._checked(name, str, default)

    def required(self, name: str) -> str:
        if not self.text(name):
            raise self.missing(name)
        return self.text(name)

    def name(self, name: str, default: str = "") -> str:
        """A name that a resource may have."""
        value = self.text(name, default) or self.required(name)
        if not re.fullmatch(NAME, value):
            raise self.invalid(name, value, f"Must be a match of regex '{NAME}'")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        return self._checked(name, bool, default)

    def number(self, name: str, default: int) -> int:
        """JSON carries 64 bit integers as strings; plain numbers are taken too."""
        value = self._body.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not re.fullmatch(r"-?[0-9]{1,18}", str(value)):
            raise self.invalid(name, value, "A whole number is expected.")
        return int(value)

    def texts(self, name: str) -> tuple[str, ...]:
        values = self._checked(name, list, [])
        if not all(isinstance(value, str) for value in values):
            raise self.invalid(name, values, "A list of strings is expected.")
        return tuple(values)

    def labels(self, name: str) -> dict[str, str]:
        labels = self._checked(name, dict, {})
        for key, value in labels.items():
            if not _LABEL_KEY.fullmatch(key):
                raise self.invalid(name, key, "The label key is not valid.")
            if not isinstance(value, str) or not _LABEL_VALUE.fullmatch(value):
                raise self.invalid(name, value, "The label value is not valid.")
        return dict(labels)

    def child(self, name: str) -> "Fields":
        return Fields(self._body.get(name) or {}, f"{self.path}.{name}")

    def children(self, name: str) -> list["Fields"]:
        bodies = self._checked(name, list, [])
        return [Fields(body, f"{self.path}.{name}[{index}]") for index, body in enumerate(bodies)]

    def only(self, types: Mapping[str, type[Any]]) -> dict[str, Any]:
        """The fields of these names and types as they are, where given."""
        return {
            name: self._checked(name, wanted, wanted())
            for name, wanted in types.items()
            if name in self
        }

    def _checked(self, name: str, wanted: type[_T], default: _T) -> _T:
        value = self._body.get(name)
        if value is None:
            return default
        if not isinstance(value, wanted):
            raise self.invalid(name, value, f"A {wanted.__name__} is expected.")
        return value
