"""Bodies that ask for a disk: a new one, or one that is to be attached to an instance."""

from collections.abc import Mapping
from dataclasses import dataclass

from localcloud.compute import catalog
from localcloud.compute.bodies.fields import Fields
from localcloud.compute.catalog import DISK_GB_MAX, DISK_KINDS, Image
from localcloud.compute.errors import not_found
from localcloud.compute.links import leaf, parse

TYPE_DEFAULT = "pd-standard"


@dataclass(frozen=True, slots=True)
class NewDisk:
    name: str
    image: Image | None  # None: blank
    size_gb: int
    type: str
    description: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DiskRequest:
    """A disk as an instance wants it: `new`, or one that exists already under that name."""

    name: str
    new: NewDisk | None
    boot: bool
    auto_delete: bool
    device: str
    read_only: bool


def new_disk(body: object, source_image: str, zone: str) -> NewDisk:
    """`source_image` comes as a parameter of the request; it may be in the body instead."""
    fields = Fields(body)
    image = _image(fields, "sourceImage", source_image or fields.text("sourceImage"))
    return NewDisk(
        name=fields.name("name"),
        image=image,
        size_gb=_size(fields, "sizeGb", image),
        type=_type(fields, "type", zone),
        description=fields.text("description"),
        labels=fields.labels("labels"),
    )


def instance_disks(fields: Fields, zone: str, instance: str) -> tuple[DiskRequest, ...]:
    bodies = fields.children("disks")
    if not bodies:
        raise fields.missing("disks")
    if not bodies[0].flag("boot"):
        raise fields.invalid("disks[0].boot", False, "The first disk is the boot disk.")
    return tuple(_disk(body, zone, instance, index) for index, body in enumerate(bodies))


def attached_disk(body: object, zone: str, instance: str, index: int) -> DiskRequest:
    """Of attachDisk: a disk that exists."""
    fields = Fields(body)
    if "source" not in fields:
        raise fields.missing("source")
    return _disk(fields, zone, instance, index)


def size_of_resize(body: object, current_gb: int) -> int:
    fields = Fields(body)
    size = fields.number("sizeGb", 0)
    if not current_gb <= size <= DISK_GB_MAX:
        raise fields.invalid("sizeGb", size, f"Must be {current_gb} to {DISK_GB_MAX} GB.")
    return size


def _disk(fields: Fields, zone: str, instance: str, index: int) -> DiskRequest:
    new = None if "source" in fields else _initialized(fields, zone, instance, index)
    return DiskRequest(
        name=new.name if new else _existing(fields, zone),
        new=new,
        boot=fields.flag("boot"),
        auto_delete=fields.flag("autoDelete"),
        device=fields.text("deviceName", f"persistent-disk-{index}"),
        read_only=fields.text("mode", "READ_WRITE") == "READ_ONLY",
    )


def _initialized(fields: Fields, zone: str, instance: str, index: int) -> NewDisk:
    """A boot disk needs an image; a data disk may be blank."""
    init = fields.child("initializeParams")
    given = init.required("sourceImage") if index == 0 else init.text("sourceImage")
    image = _image(init, "sourceImage", given)
    return NewDisk(
        name=init.name("diskName", instance if index == 0 else f"{instance}-{index}"),
        image=image,
        size_gb=_size(init, "diskSizeGb", image),
        type=_type(init, "diskType", zone),
        description=init.text("description"),
        labels=init.labels("labels"),
    )


def _existing(fields: Fields, zone: str) -> str:
    given = fields.text("source")
    reference = parse(given)
    if reference is None or not reference.path.startswith(f"zones/{zone}/disks/"):
        raise fields.invalid("source", given, "The URL is malformed or of another zone.")
    return leaf(reference.path)


def _image(fields: Fields, name: str, given: str) -> Image | None:
    if not given:
        return None
    reference = parse(given)
    if reference is None or not catalog.names_image(reference.path):
        raise fields.invalid(name, given, "The URL is malformed.")
    image = catalog.image(reference.project, reference.path)
    if image is None:
        raise not_found(reference.path, reference.project or "-")
    return image


def _size(fields: Fields, name: str, image: Image | None) -> int:
    smallest = image.size_gb if image else 1
    size = fields.number(name, smallest if image else DISK_KINDS[TYPE_DEFAULT].default_gb)
    if size < smallest:
        why = f"Requested disk size cannot be smaller than the image size ({smallest} GB)"
        raise fields.invalid(name, size, why)
    if size > DISK_GB_MAX:
        raise fields.invalid(name, size, f"Must be at most {DISK_GB_MAX} GB.")
    return size


def _type(fields: Fields, name: str, zone: str) -> str:
    """A URL of this zone, or the bare name."""
    given = fields.text(name, TYPE_DEFAULT)
    reference = parse(given)
    elsewhere = reference and not reference.path.startswith(f"zones/{zone}/diskTypes/")
    if elsewhere or leaf(given) not in DISK_KINDS:
        raise fields.invalid(name, given, f"There is no such disk type in zone '{zone}'.")
    return leaf(given)
