"""What the releases of fleet differ in, as far as a client can tell."""

LATEST = "1.0.0"

Release = tuple[int, int]

TEMPLATES_STAY_INACTIVE: Release = (0, 11)  # before it, a template could be launched at any time
REPLACES_IN_PLACE: Release = (0, 13)  # before it, new options for a unit that exists are ignored
REPLACES_OPTION: Release = (0, 13)
CREATES_MACHINE_KEY: Release = (0, 13)  # before it, a fleetd that restarts overwrites its old key
STATE_OF_ONE_UNIT: Release = (1, 0)  # GET /state/NAME
DYNAMIC_METADATA: Release = (1, 0)  # PATCH /machines
LISTS_OF_CONFLICTS: Release = (1, 0)  # before it, a value of Conflicts is one pattern, blanks too
CONFLICTS_OF_GLOBAL_UNITS: Release = (1, 0)


def since(version: str, release: Release) -> bool:
    """Whether `version`, as fleetd tells it, is of that release or later."""
    major, minor = version.split(".")[:2]
    return (int(major), int(minor)) >= release
