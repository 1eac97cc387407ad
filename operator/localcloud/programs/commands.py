"""The commands that a unit's script may use here; any other does nothing, and succeeds."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from urllib.parse import urlsplit

from localcloud.programs.docker import docker
from localcloud.programs.interpreter import CommandTable, Exited, Output, Shell
from localcloud.programs.text import FILTERS
from localcloud.seams import Keys, UnreachableError

Run = Callable[[Shell, Sequence[str], str], Output]

ETCD_KEYS_PATH = "/v2/keys"
ETCDCTL_UNREACHABLE_CODE = 2
ETCDCTL_NOT_FOUND_CODE = 4
CURL_UNREACHABLE_CODE = 7
CURL_HTTP_ERROR_CODE = 22
_SUFFIX_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def command_table(keys: Keys) -> CommandTable:
    filters = {name: _filter(run) for name, run in FILTERS.items()}
    return filters | {
        "bash": _shell,
        "sh": _shell,
        "exec": lambda shell, words, given: shell.command(words, given),
        "true": lambda shell, words, given: Output(),
        ":": lambda shell, words, given: Output(),
        "false": lambda shell, words, given: Output(code=1),
        "echo": _echo,
        "cat": _cat,
        "test": _test,
        "[": _test,
        "mv": _move,
        "mkdir": lambda shell, words, given: Output(),
        "sleep": _sleep,
        "exit": _exit,
        "curl": lambda shell, words, given: _curl(keys, words),
        "etcdctl": lambda shell, words, given: _etcdctl(keys, words),
        "docker": docker,
    }


def _filter(run: Callable[[Sequence[str], str], str]) -> Run:
    def command(shell: Shell, words: Sequence[str], given: str) -> Output:
        try:
            return Output(run(words, given))
        except (ValueError, IndexError, StopIteration, re.error):
            return Output(code=2)  # as these tools do for arguments that make no sense

    return command


def _shell(shell: Shell, words: Sequence[str], given: str) -> Output:
    """`-c SCRIPT`; a script that is a file of the image is unknown to us."""
    for flag, script in pairwise(words):
        if flag.startswith("-") and flag.endswith("c"):
            return shell.run_text(script, given)
    return Output(lasting=True)


def _echo(shell: Shell, words: Sequence[str], given: str) -> Output:
    if words and words[0] == "-n":
        return Output(" ".join(words[1:]))
    return Output(" ".join(words) + "\n")


def _cat(shell: Shell, words: Sequence[str], given: str) -> Output:
    missing = [path for path in words if path not in shell.files]
    text = "".join(shell.files.get(path, "") for path in words) if words else given
    return Output(text, code=1 if missing else 0)


def _move(shell: Shell, words: Sequence[str], given: str) -> Output:
    source, target = (*words[-2:], "", "")[:2]
    if source not in shell.files:
        return Output(code=1)
    shell.files[target] = shell.files.pop(source)
    return Output()


def _test(shell: Shell, words: Sequence[str], given: str) -> Output:
    operands = [word for word in words if word != "]"]
    negated = operands[:1] == ["!"]
    met = _condition(shell, operands[1:] if negated else operands)
    return Output(code=0 if met != negated else 1)


def _condition(shell: Shell, operands: Sequence[str]) -> bool:
    match operands:
        case [left, "=" | "==" | "-eq", right]:
            return left == right
        case [left, "!=" | "-ne", right]:
            return left != right
        case ["-z", text]:
            return not text
        case ["-s", path]:
            return bool(shell.files.get(path))
        case ["-f" | "-e" | "-r", path]:
            return path in shell.files
        case ["-n", text] | [text]:
            return bool(text)
    return False


def _sleep(shell: Shell, words: Sequence[str], given: str) -> Output:
    try:
        shell.elapsed_seconds += sum(_seconds(word) for word in words)
    except ValueError:
        return Output(code=1)
    return Output()


def _seconds(word: str) -> float:
    unit = _SUFFIX_SECONDS.get(word[-1:])
    return float(word[:-1]) * unit if unit else float(word)


def _exit(shell: Shell, words: Sequence[str], given: str) -> Output:
    raise Exited(int(words[0]) if words and words[0].isdigit() else shell.status)


def _curl(keys: Keys, words: Sequence[str]) -> Output:
    """Only etcd answers, and only the exit code tells: the body is not made up."""
    url = next((word for word in reversed(words) if not word.startswith("-")), "")
    path = urlsplit(url if "//" in url else f"//{url}").path
    if not path.startswith(f"{ETCD_KEYS_PATH}/"):
        return Output(code=CURL_UNREACHABLE_CODE)
    key = path.removeprefix(ETCD_KEYS_PATH)
    try:
        found = keys.get(key) is not None or keys.leaves(key) is not None
    except UnreachableError:
        return Output(code=CURL_UNREACHABLE_CODE)
    fails = any(word == "--fail" or re.fullmatch(r"-[A-Za-z]*f[A-Za-z]*", word) for word in words)
    return Output(code=CURL_HTTP_ERROR_CODE if fails and not found else 0)


def _etcdctl(keys: Keys, words: Sequence[str]) -> Output:
    """Reads; this side of the local cloud writes no key."""
    verb = next((word for word in words if word in {"get", "ls"}), None)
    if verb is None:
        return Output()
    operands = [word for word in words[words.index(verb) + 1 :] if not word.startswith("-")]
    key = operands[0] if operands else "/"
    try:
        return _get(keys, key) if verb == "get" else _ls(keys, key, "--recursive" in words)
    except UnreachableError:
        return Output(code=ETCDCTL_UNREACHABLE_CODE)


def _get(keys: Keys, key: str) -> Output:
    value = keys.get(key)
    return Output(code=ETCDCTL_NOT_FOUND_CODE) if value is None else Output(f"{value}\n")


def _ls(keys: Keys, directory: str, recursive: bool) -> Output:
    root = directory.rstrip("/")
    leaves = keys.leaves(root or "/")
    if leaves is None:
        is_leaf = keys.get(root) is not None  # `ls` of a leaf prints the leaf itself
        return Output(f"{root}\n") if is_leaf else Output(code=ETCDCTL_NOT_FOUND_CODE)
    depths = [range(1, leaf.count("/") + 2 if recursive else 2) for leaf in leaves]
    paths = [
        "/".join(leaf.split("/")[:depth])
        for leaf, depths_of_leaf in zip(leaves, depths, strict=True)
        for depth in depths_of_leaf
    ]
    return Output("".join(f"{root}/{path}\n" for path in dict.fromkeys(paths)))
