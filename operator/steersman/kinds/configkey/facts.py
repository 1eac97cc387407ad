"""What units that read a configkey need to know of it."""

from collections.abc import Mapping

from steersman.kinds.configkey.observe import observe, sha256
from steersman.kinds.configkey.spec import ConfigKey
from steersman.model.resource import EMPTY, Resource
from steersman.model.world import World


def facts(resource: Resource[ConfigKey], world: World) -> Mapping[str, str]:
    """Nothing until the key holds the value: a unit that restarts before reads the old one."""
    spec = resource.spec
    if not observe(resource, world).shows(spec.value):
        return EMPTY
    return {"sha256": sha256(spec.value), "onChange": spec.on_change}
