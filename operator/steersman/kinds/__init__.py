"""What is reconciled: one folder for each kind, and this list of them."""

from types import MappingProxyType
from typing import Any

from steersman.kinds import configkey, elasticsearch, nodepool, unit
from steersman.model.kind import Kind, Kinds

_ALL: tuple[Kind[Any, Any], ...] = (
    nodepool.KIND,
    unit.KIND,
    configkey.KIND,
    elasticsearch.KIND,
)

KINDS: Kinds = MappingProxyType({kind.name: kind for kind in _ALL})
