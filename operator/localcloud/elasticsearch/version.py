"""Which server a node is: what a version number says of how it behaves."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

SPOKEN = "1.x, 7.x or opensearch-2.x"

_VERSION = re.compile(r"(?:(?P<of>elasticsearch|opensearch)-)?(?P<number>\d+\.\d+(?:\.\d+)?)")
_FAMILIES = frozenset({("elasticsearch", 1), ("elasticsearch", 7), ("opensearch", 2)})


class UnspokenVersionError(ValueError):
    """No such server, or one that is not modelled."""


@dataclass(frozen=True)
class Version:
    """`1.3.2`, `7.10.2` of Elasticsearch, or `2.19.1` of OpenSearch."""

    distribution: str
    number: str

    @cached_property
    def parts(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.number.split("."))

    @property
    def opensearch(self) -> bool:
        return self.distribution == "opensearch"

    @property
    def modern(self) -> bool:
        """Elects by a voting configuration, keeps its id on disk, and refuses what it does not
        know; the others are of 1.x."""
        return self.parts[0] > 1

    def since(self, *parts: int) -> bool:
        """Whether it is modern, or a 1.x of at least this version."""
        return self.modern or self.parts >= parts

    @property
    def flavor(self) -> str | None:
        """How it was built, where it tells: 7.10 was the last under an open licence."""
        if self.opensearch:
            return None
        return "default" if self.parts >= (7, 11) else "oss"

    @property
    def headers(self) -> Mapping[str, str]:
        """By which the clients of Elasticsearch's makers tell it from others, from 7.14 on."""
        named = not self.opensearch and self.parts >= (7, 14)
        return {"X-elastic-product": "Elasticsearch"} if named else {}

    @property
    def manager(self) -> str:
        """The word for a master where this server names one in a text."""
        return "cluster-manager" if self.opensearch else "master"


@lru_cache(maxsize=64)
def parse(text: str) -> Version:
    match = _VERSION.fullmatch(text)
    if match is None:
        msg = f"{text} is no version of {SPOKEN}"
        raise UnspokenVersionError(msg)
    version = Version(match["of"] or "elasticsearch", match["number"])
    if (version.distribution, version.parts[0]) not in _FAMILIES:
        msg = f"{text} is not one of {SPOKEN}"
        raise UnspokenVersionError(msg)
    return version
