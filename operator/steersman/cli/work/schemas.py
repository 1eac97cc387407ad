"""JSON Schemas of whole documents: what every document has, and the spec of its kind."""

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, create_model
from pydantic.json_schema import GenerateJsonSchema

from steersman.cli.exits import UsageError
from steersman.cli.given import Given, Output
from steersman.cli.show.plain import print_data
from steersman.cli.work.references import kind_named
from steersman.kinds import KINDS
from steersman.model.errors import SteersmanError
from steersman.model.reading import API_VERSION
from steersman.model.spec import MetadataSpec, Spec

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ANY_NAME = "name"


class _Untitled(GenerateJsonSchema):
    """Fields have their names; titles would only repeat them."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        del schema
        return False


def show_schema(given: Given, kind: str | None) -> None:
    if kind is None:
        raise UsageError("name a kind, or a directory with --write")
    output = Output.YAML if given.output is Output.YAML else Output.JSON
    print_data(document_schema(kind_named(kind)), output)


def write_schemas(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for kind in KINDS:
            path = directory / f"{kind}.schema.json"
            path.write_text(schema_text(kind), encoding="utf-8")
            print(path)
    except OSError as error:
        msg = f"{error.filename} cannot be written: {error.strerror}"
        raise SteersmanError(msg) from error


def schema_text(kind: str) -> str:
    """As it stands in a file."""
    return json.dumps(document_schema(kind), indent=2, ensure_ascii=False) + "\n"


def document_schema(kind: str) -> dict[str, Any]:
    spec = KINDS[kind].spec
    fields: dict[str, Any] = {
        "api_version": (Literal[API_VERSION], Field(API_VERSION, description="of this format")),
        "kind": (Literal[kind], Field(kind, description="as in its key, where it may be left out")),
        "metadata": (MetadataSpec, MetadataSpec()),
        "spec": (spec, ...),
    }
    about = f"A document of kind {kind}, in a file or in etcd."
    name = f"{spec.__name__}Document"
    model = create_model(name, __base__=Spec, __doc__=about, **fields)
    schema = model.model_json_schema(schema_generator=_Untitled)
    _leave_out_what_the_name_says(schema["$defs"][spec.__name__], spec)
    return {
        "$schema": DIALECT,
        "$id": f"{API_VERSION}/{kind}",
        **schema,
        "title": f"steersman {kind}",
    }


def _leave_out_what_the_name_says(schema: dict[str, Any], spec: type[Spec]) -> None:
    """A document need not repeat what follows from its name, nor what a file beside it holds."""
    required = set(schema.get("required", ())) - spec.defaults(ANY_NAME).keys()
    if "contentFile" in schema["properties"]:
        required.discard("content")
        schema["oneOf"] = [{"required": ["content"]}, {"required": ["contentFile"]}]
    schema["required"] = sorted(required)
