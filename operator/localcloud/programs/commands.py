"""The commands that a unit's script may use here; any other does nothing, and succeeds."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from urllib.parse import urlsplit

from localcloud.programs.docker import docker
from localcloud.programs.etcdctl import etcdctl
from localcloud.programs.interpreter import CommandTable, Exited, Output, Shell
from localcloud.programs.text import FILTERS
from localcloud.seams import Keys, UnreachableError

Run = Callable[[Shell, Sequence[str], str], Output]

ETCD_KEYS_PATH = "/v2/keys"
HTTP_PORT = 80
CURL_BAD_URL_CODE = 3
CURL_UNREACHABLE_CODE = 7
CURL_HTTP_ERROR_CODE = 22
_SUFFIX_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

Answers = Callable[[str, int], bool]  # whether something listens at an address and port


def nobody_answers(host: str, port: int) -> bool:
    return False


def command_table(keys: Keys, answers: Answers) -> CommandTable:
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
        "curl": lambda shell, words, given: _curl(keys, answers, words),
        "etcdctl": lambda shell, words, given: etcdctl(keys, words),
        "docker": docker,
    }


def _filter(run: Callable[[Sequence[str], str], str]) -> Run:
    def command(shell: Shell, words: Sequence[str], given: str) -> Output:
        try:
            return Output(run(words, given))
        except (ValueError, IndexError, StopIteration, re.error, OverflowError, RecursionError):
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
    seconds = float(word[:-1]) * unit if unit else float(word)
    if not seconds >= 0:  # nor NaN, which is not less than anything
        raise ValueError(word)
    return seconds


def _exit(shell: Shell, words: Sequence[str], given: str) -> Output:
    raise Exited(int(words[0]) if words and words[0].isdecimal() else shell.status)


def _curl(keys: Keys, answers: Answers, words: Sequence[str]) -> Output:
    """etcd and what listens on machines answer; the body is not made up, only the code tells."""
    url = next((word for word in reversed(words) if not word.startswith("-")), "")
    try:
        parts = urlsplit(url if "//" in url else f"//{url}")
        host, port = parts.hostname or "", parts.port or HTTP_PORT
    except ValueError:
        return Output(code=CURL_BAD_URL_CODE)
    if not parts.path.startswith(f"{ETCD_KEYS_PATH}/"):
        answered = answers(host, port)
        return Output(code=0 if answered else CURL_UNREACHABLE_CODE)
    key = parts.path.removeprefix(ETCD_KEYS_PATH)
    try:
        found = keys.get(key) is not None or keys.leaves(key) is not None
    except UnreachableError:
        return Output(code=CURL_UNREACHABLE_CODE)
    fails = any(word == "--fail" or re.fullmatch(r"-[A-Za-z]*f[A-Za-z]*", word) for word in words)
    return Output(code=CURL_HTTP_ERROR_CODE if fails and not found else 0)
