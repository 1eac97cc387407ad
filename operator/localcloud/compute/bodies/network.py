"""How a body says where something is in the network, and how it is reached from outside."""

from localcloud.compute.bodies.fields import Fields
from localcloud.compute.catalog import ZONES
from localcloud.compute.links import parse
from localcloud.compute.networks import DEFAULT, NETWORKS
from localcloud.compute.resources import ACCESS_NAME, Access

TIERS = ("PREMIUM", "STANDARD")


def name(fields: Fields) -> str:
    given = fields.text("network", f"global/networks/{DEFAULT}")
    reference = parse(given)
    found = reference.path.removeprefix("global/networks/") if reference else ""
    if found not in NETWORKS:
        raise fields.invalid("network", given, "The referenced network resource cannot be found.")
    return found


def access(fields: Fields) -> Access:
    kind = fields.text("type", "ONE_TO_ONE_NAT")
    if kind != "ONE_TO_ONE_NAT":
        raise fields.invalid("type", kind, "ONE_TO_ONE_NAT is the only type there is.")
    return Access(
        name=fields.text("name", ACCESS_NAME),
        reserved=fields.text("natIP"),
        tier=tier(fields),
    )


def tier(fields: Fields) -> str:
    given = fields.text("networkTier", "PREMIUM")
    if given not in TIERS:
        raise fields.invalid("networkTier", given, f"Must be one of {', '.join(TIERS)}.")
    return given


def of_interface(interface: Fields, zone: str) -> str:
    """A subnetwork that is named has to be that of the region."""
    given = interface.text("subnetwork")
    reference = parse(given)
    region = ZONES[zone].region
    if given and (reference is None or reference.path != f"regions/{region}/subnetworks/{DEFAULT}"):
        why = f"The referenced subnetwork resource cannot be found in region '{region}'."
        raise interface.invalid("subnetwork", given, why)
    return name(interface)


def interface(fields: Fields) -> Fields:
    interfaces = fields.children("networkInterfaces")
    if len(interfaces) != 1:
        raise fields.invalid("networkInterfaces", len(interfaces), "One interface is expected.")
    return interfaces[0]


def access_of(interface: Fields) -> Access | None:
    configs = interface.children("accessConfigs")
    return access(configs[0]) if configs else None
