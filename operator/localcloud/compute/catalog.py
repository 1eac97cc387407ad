"""What Google offers and nobody creates: zones, regions, types, images."""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass

from localcloud.compute.errors import invalid
from localcloud.compute.links import stable_id

DISK_GB_MAX = 65_536  # of any kind of disk


class Offered(ABC):
    """It was always there, and its id follows from its path."""

    __slots__ = ()

    @property
    @abstractmethod
    def path(self) -> str: ...

    @property
    def id(self) -> str:
        return stable_id(self.path)


@dataclass(frozen=True, slots=True)
class Region(Offered):
    name: str
    zones: tuple[str, ...]
    scope: str = ""

    @property
    def path(self) -> str:
        return f"regions/{self.name}"


@dataclass(frozen=True, slots=True)
class Zone(Offered):
    name: str
    region: str
    scope: str = ""

    @property
    def path(self) -> str:
        return f"zones/{self.name}"


@dataclass(frozen=True, slots=True)
class Shape:
    """A machine type, the same in every zone."""

    cpus: int
    memory_mb: int
    shared_cpu: bool = False


@dataclass(frozen=True, slots=True)
class MachineType(Offered):
    """A shape as one zone offers it."""

    name: str
    zone: str
    shape: Shape

    @property
    def scope(self) -> str:
        return f"zones/{self.zone}"

    @property
    def path(self) -> str:
        return f"{self.scope}/machineTypes/{self.name}"


@dataclass(frozen=True, slots=True)
class Image(Offered):
    """`created` is epoch seconds; the newest image of a family is the family's."""

    project: str
    name: str
    family: str
    created: float
    size_gb: int = 10
    scope: str = "global"

    @property
    def path(self) -> str:
        """With its project, unlike other paths: images are shared between projects."""
        return f"projects/{self.project}/global/images/{self.name}"


@dataclass(frozen=True, slots=True)
class DiskKind:
    """What a kind of disk is, the same in every zone."""

    description: str
    default_gb: int
    solid_state: bool = False


@dataclass(frozen=True, slots=True)
class DiskType(Offered):
    """A kind of disk as one zone offers it."""

    name: str
    zone: str
    kind: DiskKind

    @property
    def scope(self) -> str:
        return f"zones/{self.zone}"

    @property
    def path(self) -> str:
        return f"{self.scope}/diskTypes/{self.name}"


REGIONS = {
    region.name: region
    for region in (
        Region("europe-west1", ("europe-west1-b", "europe-west1-c", "europe-west1-d")),
        Region("us-central1", ("us-central1-a", "us-central1-b", "us-central1-c", "us-central1-f")),
        Region("asia-east1", ("asia-east1-a", "asia-east1-b", "asia-east1-c")),
    )
}
ZONES = {zone: Zone(zone, region.name) for region in REGIONS.values() for zone in region.zones}
SHAPES = {
    "e2-medium": Shape(2, 4096, shared_cpu=True),
    "e2-micro": Shape(2, 1024, shared_cpu=True),
    "e2-small": Shape(2, 2048, shared_cpu=True),
    "e2-standard-2": Shape(2, 8192),
    "e2-standard-4": Shape(4, 16384),
    "f1-micro": Shape(1, 614, shared_cpu=True),
    "g1-small": Shape(1, 1740, shared_cpu=True),
    "n1-highmem-2": Shape(2, 13312),
    "n1-standard-1": Shape(1, 3840),
    "n1-standard-2": Shape(2, 7680),
    "n1-standard-4": Shape(4, 15360),
    "n1-standard-8": Shape(8, 30720),
}
IMAGES = (
    Image("coreos-cloud", "coreos-alpha-394-0-0-v20140801", "coreos-alpha", 1_406_876_400.0),
    Image("coreos-cloud", "coreos-alpha-423-0-0-v20140828", "coreos-alpha", 1_409_209_200.0),
    Image("kinvolk-public", "flatcar-stable-3815-2-5", "flatcar-stable", 1_720_000_000.0),
    Image("kinvolk-public", "flatcar-stable-3975-2-0", "flatcar-stable", 1_723_000_000.0),
    Image("debian-cloud", "debian-12-bookworm-v20240815", "debian-12", 1_723_700_000.0),
)
DISK_KINDS = {
    "pd-balanced": DiskKind("Balanced Persistent Disk", 100, solid_state=True),
    "pd-ssd": DiskKind("SSD Persistent Disk", 100, solid_state=True),
    "pd-standard": DiskKind("Standard Persistent Disk", 500),
}


_IMAGE = re.compile(
    r"global/images/family/(?P<family>.+)"
    r"|global/images/(?P<name>.+)"
    r"|zones/[^/]+/imageFamilyViews/(?P<viewed>.+)"
)


def machine_types() -> tuple[MachineType, ...]:
    return tuple(MachineType(name, zone, SHAPES[name]) for zone in ZONES for name in SHAPES)


def disk_types() -> tuple[DiskType, ...]:
    return tuple(DiskType(name, zone, DISK_KINDS[name]) for zone in ZONES for name in DISK_KINDS)


def images(project: str) -> tuple[Image, ...]:
    return tuple(image for image in IMAGES if image.project == project)


def newest(project: str, family: str) -> Image | None:
    members = (image for image in images(project) if image.family == family)
    return max(members, key=lambda image: image.created, default=None)


def names_image(path: str) -> bool:
    return _IMAGE.fullmatch(path) is not None


def image(project: str, path: str) -> Image | None:
    """By the path after the project: of an image, of a family, or of a zone's view of a family."""
    match = _IMAGE.fullmatch(path)
    if match is None:
        return None
    if family := match["family"] or match["viewed"]:
        return newest(project, family)
    return next((image for image in images(project) if image.name == match["name"]), None)


def check_zone(zone: str) -> None:
    if zone not in ZONES:
        raise invalid("zone", zone, "Unknown zone.")


def check_region(region: str) -> None:
    if region not in REGIONS:
        raise invalid("region", region, "Unknown region.")
