"""Edits of an instance as the library takes them: which method, and its own part of the request."""

from collections.abc import Mapping
from typing import Any, assert_never

from steersman.model.ports import Edit, Labels, Metadata, Tags

NAMES: Mapping[type[Edit], str] = {
    Labels: "setLabels",
    Tags: "setTags",
    Metadata: "setMetadata",
}


def method_of(edit: Edit) -> str:
    """As Compute Engine calls it; the library adds `_unary` to its own spelling."""
    return NAMES[type(edit)]


def replaces_all(edit: Edit) -> bool:
    """Whether the request has to hold what is there, too, which the edit does not know."""
    return isinstance(edit, Metadata)


def request_of(edit: Edit, metadata: Any) -> tuple[str, Mapping[str, Any]]:
    """The library's method, and what says what is to change. `metadata` is the instance's, as the
    library has it: an edit of some items replaces all."""
    match edit:
        case Labels(labels=labels, fingerprint=fingerprint):
            body = {"labels": dict(labels), "label_fingerprint": fingerprint}
            return "set_labels_unary", {"instances_set_labels_request_resource": body}
        case Tags(tags=tags, fingerprint=fingerprint):
            body = {"items": list(tags), "fingerprint": fingerprint}
            return "set_tags_unary", {"tags_resource": body}
        case Metadata(items=items):
            merged = {each.key: each.value for each in metadata.items} | dict(items)
            listed = [{"key": key, "value": value} for key, value in merged.items()]
            resource = {"items": listed, "fingerprint": metadata.fingerprint}
            return "set_metadata_unary", {"metadata_resource": resource}
        case _:
            assert_never(edit)
