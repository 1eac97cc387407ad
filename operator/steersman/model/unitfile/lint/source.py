"""A unit file as the rules look at it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from steersman.model.unitfile import fleet
from steersman.model.unitfile.lint.command import Command
from steersman.model.unitfile.names import instance_name, is_template
from steersman.model.unitfile.text import Placed

INSTANCE, SIBLING = "instance", "sibling"  # what may stand behind a template's @
Hit = tuple[int, str]  # a line and what is wrong there


@dataclass(frozen=True)
class Source:
    """`version` is fleet's, () where it is not known."""

    name: str
    text: str
    options: tuple[Placed, ...]
    version: tuple[int, ...] = ()

    def given(self, section: str, *names: str) -> tuple[Placed, ...]:
        return tuple(
            each
            for each in self.options
            if each.option.section == section and each.option.name in names
        )

    def required(self, key: str) -> Iterator[tuple[int, str]]:
        """Line and value of a key of [X-Fleet], in whatever spelling, specifiers replaced."""
        for each in self.given(fleet.SECTION, key, *fleet.SPELLINGS[key]):
            for word in fleet.words(key, each.option.value):
                yield each.line, fleet.expanded(word, self.unit)

    @property
    def is_template(self) -> bool:
        return is_template(self.name)

    @property
    def unit(self) -> str:
        """The unit itself; of a template, one of its instances."""
        return instance_name(self.name, INSTANCE) if self.is_template else self.name

    @cached_property
    def keeps_instances_apart(self) -> bool:
        """Whether no machine gets two instances."""
        sibling = instance_name(self.name, SIBLING)
        return any(fleet.matches(pattern, sibling) for _, pattern in self.required("Conflicts"))

    @cached_property
    def commands(self) -> tuple[Command, ...]:
        return tuple(
            Command(each)
            for each in self.options
            if each.option.section == "Service" and each.option.name.startswith("Exec")
        )
