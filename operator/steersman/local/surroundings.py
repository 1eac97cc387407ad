"""What the children of a local cloud take over from the shell that it was started in."""

import os
import re
from collections.abc import Mapping

# Where other systems are, what lets one in there, and the way to them. Which architecture it is on
# without being supported, an etcd has to be told.
FOREIGN = re.compile(
    "STEERSMAN_(HOME|UNIT)_STORE_|ETCD_(?!UNSUPPORTED_ARCH$)|ETCDCTL_|GOOGLE_"
    "|(?i:(http|https|all)_proxy)$"
)


def surroundings(own: Mapping[str, str]) -> Mapping[str, str]:
    """The shell's environment with a child's own: a shell that was made ready for another fleet is
    to lead nobody there. Settings that say how, and not where, are the child's, too."""
    taken = {name: value for name, value in os.environ.items() if not FOREIGN.match(name)}
    return {**taken, **own}
