"""Labels, tags and metadata follow the document on nodes that are there: one edit at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from steersman.kinds.nodepool.diff import LABELS, METADATA, TAGS
from steersman.kinds.nodepool.observe import Observed, Phase
from steersman.kinds.nodepool.spec import NodePool
from steersman.model.drift import Drift
from steersman.model.observed import Instance
from steersman.model.plan import Action, Effect, Step, Target
from steersman.model.ports import Edit, Labels, Metadata, Tags
from steersman.model.resource import Resource

EDITED = frozenset({Phase.READY, Phase.JOINING, Phase.STOPPED})


@dataclass(frozen=True, slots=True)
class UpdateInstance(Action):
    """By its numeric id, and over nothing that somebody else has edited since."""

    zone: str
    instance: str
    instance_id: str
    edit: Edit


def edits(resource: Resource[NodePool], observed: Observed, drift: Drift) -> Iterator[Step]:
    for member in observed.members:
        if member.instance is None or member.phase not in EDITED:
            continue
        paths = [each.path for each in drift.of(str(member.target))]
        if any(path.startswith(LABELS) for path in paths):
            edit = _labels(resource.spec, member.instance)
            yield _step(resource, member.instance, edit, "LabelsDiffer", "labels")
        elif TAGS in paths:
            tags = Tags(tuple(sorted(resource.spec.tags)), member.instance.tags_fingerprint)
            yield _step(resource, member.instance, tags, "TagsDiffer", "tags")
        elif any(path.startswith(METADATA) for path in paths):
            items = Metadata(resource.spec.metadata)
            yield _step(resource, member.instance, items, "MetadataDiffers", "metadata")


def declares(step: Step) -> Mapping[str, str]:
    """What nothing but another hand changes afterwards."""
    match step.action:
        case UpdateInstance(edit=Labels()):
            return _desired(step, LABELS)
        case UpdateInstance(edit=Metadata()):
            return _desired(step, METADATA)
        case UpdateInstance(edit=Tags()):
            return step.writes(TAGS)
        case _:
            return {}


def _desired(step: Step, prefix: str) -> Mapping[str, str]:
    found = (each for each in step.differences if each.path.startswith(prefix))
    return {each.path: each.desired for each in found}


def _labels(spec: NodePool, instance: Instance) -> Labels:
    """With those that the document does not name: they are other people's, or the marks."""
    return Labels({**instance.labels, **spec.labels}, instance.labels_fingerprint)


def _step(
    resource: Resource[NodePool], found: Instance, edit: Edit, reason: str, what: str
) -> Step:
    return Step(
        resource.key,
        Target("compute", found.name),
        UpdateInstance(found.zone, found.name, found.id, edit),
        reason,
        Effect.REPAIR,
        f"{found.name} in {found.zone} has other {what}: set them as the document says",
    )
