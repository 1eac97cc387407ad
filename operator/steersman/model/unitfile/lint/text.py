"""Rules about the text: what fleet and systemd read otherwise than it looks."""

import re
from collections.abc import Iterator

from steersman.model.document import nearest
from steersman.model.unitfile.fleet import SECTION
from steersman.model.unitfile.lint.source import Hit, Source

SECTIONS = ("Unit", "Service", "Install", "Socket", "Timer", "Path", "Mount", "Automount", SECTION)
# What begins an option and hardly ever a line of a shell's script.
_OPTION = re.compile(
    r"\s*(?:\[[A-Za-z-]+\]\s*\\?|(?:Exec(?:Start|Stop|Reload)\w*|Restart\w*|Environment\w*|Timeout\w*"
    r"|Type|After|Before|Requires|Wants|BindsTo|Conflicts|MachineOf|Description)=.*)"
)


def before_sections(source: Source) -> Iterator[Hit]:
    for number, line in enumerate(source.text.split("\n"), start=1):
        said = line.strip()
        if said.startswith("["):
            return
        if said and said[0] not in "#;":
            yield number, "stands before the first section: nobody reads it"
            return


def unknown_section(source: Source) -> Iterator[Hit]:
    seen: set[str] = set()
    for each in source.options:
        section = each.option.section
        if section in seen or section in SECTIONS:
            continue
        seen.add(section)
        meant = nearest(section, SECTIONS)
        if meant or not section.startswith("X-"):
            hint = f" (did you mean [{meant}]?)" if meant else ""
            yield each.line, f"systemd and fleet take no notice of a section [{section}]{hint}"


def broken_continuation(source: Source) -> Iterator[Hit]:
    for each in source.options:
        last = each.line + each.option.value.rstrip("\n").count("\n")
        if each.option.value.endswith("\\\n"):
            yield last, f"the value of {each.option.name} goes on into an empty line"
        elif each.option.value.endswith("\\"):
            yield (
                last,
                "the backslash is not the last character of a line: it swallows what follows",
            )


def swallowed_option(source: Source) -> Iterator[Hit]:
    for line, said, name in _continued(source):
        if _OPTION.fullmatch(said):
            yield line, f"belongs to the value of {name}: the line before ends in a backslash"


def comment_in_value(source: Source) -> Iterator[Hit]:
    for line, said, name in _continued(source):
        if said.lstrip().startswith("#"):
            yield line, f"no comment but a part of {name}: a shell then skips the rest of it"


def _continued(source: Source) -> Iterator[tuple[int, str, str]]:
    """Line, text and option of each line that goes on with a value."""
    for each in source.options:
        lines = each.option.value.split("\n")
        for number, said in enumerate(lines[1:], start=each.line + 1):
            yield number, said, each.option.name
