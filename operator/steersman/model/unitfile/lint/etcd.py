"""Rules about what a unit reads from etcd, and takes out of it."""

import re
from collections.abc import Iterator

from steersman.model.unitfile.lint.command import Command, Words, after, arguments
from steersman.model.unitfile.lint.source import Hit, Source

_SECONDS = re.compile(r"[0-9]{1,9}")
_TTL = re.compile(r"--?ttl[ =]([0-9]{1,9})\b")


def stop_must_succeed(source: Source) -> Iterator[Hit]:
    for command in source.commands:
        if command.name not in ("ExecStop", "ExecStopPost") or command.may_fail:
            continue
        # a shell ends as the last of its programs does
        if any(after(call, "etcdctl", "rm", "rmdir", "del") for call in command.calls[-1:]):
            said = f"fails when the key has expired, and the unit with it: write {command.name}=-"
            yield command.line_of("etcdctl"), said


def short_life(source: Source) -> Iterator[Hit]:
    for command in source.commands:
        pause = max(map(_pause, command.calls), default=0)
        for call in command.calls:
            ttl = _ttl(after(call, "etcdctl", "set", "put", "update") or ())
            if 0 < ttl < 2 * pause:
                said = f"lives {ttl} s and is set every {pause} s: gone when one comes late"
                yield command.line_of("ttl"), said


def truncating_fetch(source: Source) -> Iterator[Hit]:
    for command, _, file, moved in _fetches(source):
        if moved == file:
            said = f"the shell empties {file} before etcdctl reads: fetch into another, then mv"
            yield command.line_of(f"> {file}"), said


def unused_configuration(source: Source) -> Iterator[Hit]:
    everything = "\n".join(each.option.value for each in source.options)
    for command, key, _, file in _fetches(source):
        name = file.rpartition("/")[2]
        if everything.count(name) == command.placed.option.value.count(name):
            said = f"{key} is fetched into {file}, and no command is told about {name}"
            yield command.line_of(file), said


def _pause(call: Words) -> int:
    """In seconds; 0: it does not sleep."""
    words = arguments(call, "sleep")
    return int(words[0]) if words and _SECONDS.fullmatch(words[0]) else 0


def _ttl(words: Words) -> int:
    """In seconds; 0: it has none."""
    found = _TTL.search(" ".join(words))
    return int(found[1]) if found else 0


def _fetches(source: Source) -> Iterator[tuple[Command, str, str, str]]:
    """Command, key, file, and where the file is moved to, or itself."""
    for command in source.commands:
        moves = {call[-2]: call[-1] for call in command.calls if _is_move(call)}
        for call in command.calls:
            words = after(call, "etcdctl", "get") or ()
            names = [word for word in words if not word.startswith("-")]
            if ">" in names[1:-1]:
                file = names[names.index(">") + 1]
                yield command, names[0], file, moves.get(file, file)


def _is_move(call: Words) -> bool:
    return any(word.rpartition("/")[2] == "mv" for word in call[:-2])
