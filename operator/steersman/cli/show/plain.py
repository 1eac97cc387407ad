"""Data as programs and people read it: JSON, and YAML with text of several lines as blocks."""

import json
from typing import Any

import yaml

from steersman.cli.given import Output

LINE_CHARACTERS_MAX = 1_000_000  # YAML is not to be folded


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def yaml_text(data: Any) -> str:
    return yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=LINE_CHARACTERS_MAX
    )


def print_data(data: Any, output: Output) -> None:
    if output is Output.YAML:
        print(yaml_text(data), end="")
    else:
        print(json.dumps(data, indent=2, ensure_ascii=False))
