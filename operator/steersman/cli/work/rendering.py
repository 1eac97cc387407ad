"""Rendering documents of files: every default said, and templates with what goes into them."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from steersman.cli.given import Given, Output
from steersman.cli.show.plain import print_data, yaml_text
from steersman.cli.work.files import Document, read_valid
from steersman.kinds import KINDS
from steersman.kinds.nodepool.spec import NodePool
from steersman.kinds.unit.spec import UnitSpec
from steersman.model.document import body
from steersman.model.reading import API_VERSION, read
from steersman.model.spec import MetadataSpec, Spec

GENERATED = "(generated)"  # stands for what the operator makes up once, and remembers


def show_rendered(given: Given, paths: Iterable[Path]) -> None:
    """DocumentError with every problem of every file. YAML, unless another output is asked for."""
    documents = [each for file in read_valid(paths) for each in file.documents]
    if given.output is Output.NAME:
        print("\n".join(str(each.key) for each in documents))
    elif given.output is Output.JSON:
        print_data([_view(each) for each in documents], given.output)
    else:
        print("---\n".join(yaml_text(_view(each)) for each in documents), end="")


def _view(document: Document) -> Mapping[str, Any]:
    metadata = MetadataSpec.model_validate(document.data.get("metadata", {}))
    return {
        "apiVersion": API_VERSION,
        "kind": document.key.kind,
        "metadata": metadata.model_dump(mode="json"),
        "spec": _rendered(read(document.key, body(document.content), KINDS).spec),
    }


def _rendered(spec: Spec) -> Mapping[str, Any]:
    """No variable is left where a template was filled in."""
    told: dict[str, Any] = spec.model_dump(mode="json")
    match spec:
        case UnitSpec():
            told |= {"content": spec.text, "variables": None}
        case NodePool(user_data=data) if data is not None:
            made_up = dict.fromkeys(data.generated, GENERATED)
            told["userData"] |= {"template": data.render(made_up), "variables": {}}
    return told
