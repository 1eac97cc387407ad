"""The etcdctl of etcd's v2 store, on a machine."""

from collections.abc import Mapping, Sequence

from localcloud.programs.interpreter import Output
from localcloud.seams import Keys, UnreachableError

UNREACHABLE_CODE = 2
REFUSED_CODE = 4  # no such key, or one that should not be there
_TTL = "--ttl"


def etcdctl(keys: Keys, words: Sequence[str]) -> Output:
    """A verb that is not known here does nothing, and succeeds."""
    operands, flags = _parsed(words)
    try:
        match operands:
            case ["get", key]:
                return _get(keys, key)
            case ["ls", *rest]:
                return _ls(keys, rest[0] if rest else "/", recursive="--recursive" in flags)
            case ["set" | "mk" | "update" as verb, key, value]:
                return _put(keys, verb, key, value, flags)
            case ["rm", key]:
                return Output(code=0 if keys.remove(key) else REFUSED_CODE)
    except UnreachableError:
        return Output(code=UNREACHABLE_CODE)
    return Output()


def _parsed(words: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Flags may stand anywhere; only one that matters here takes a word of its own."""
    operands: list[str] = []
    flags: dict[str, str] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("--"):
            operands.append(word)
            continue
        name, equals, value = word.partition("=")
        flags[name] = rest.pop(0) if name == _TTL and not equals and rest else value
    return operands, flags


def _get(keys: Keys, key: str) -> Output:
    value = keys.get(key)
    return Output(code=REFUSED_CODE) if value is None else Output(f"{value}\n")


def _put(keys: Keys, verb: str, key: str, value: str, flags: Mapping[str, str]) -> Output:
    """`mk` wants a key that is not there, `update` one that is."""
    there = keys.get(key) is not None
    if (verb == "mk" and there) or (verb == "update" and not there):
        return Output(code=REFUSED_CODE)
    ttl = flags.get(_TTL, "")
    keys.put(key, value, float(ttl) if ttl.isdecimal() and int(ttl) else None)
    return Output(f"{value}\n")


def _ls(keys: Keys, directory: str, *, recursive: bool) -> Output:
    root = directory.rstrip("/")
    leaves = keys.leaves(root or "/")
    if leaves is None:
        is_leaf = keys.get(root) is not None  # `ls` of a leaf prints the leaf itself
        return Output(f"{root}\n") if is_leaf else Output(code=REFUSED_CODE)
    depths = [range(1, leaf.count("/") + 2 if recursive else 2) for leaf in leaves]
    paths = [
        "/".join(leaf.split("/")[:depth])
        for leaf, depths_of_leaf in zip(leaves, depths, strict=True)
        for depth in depths_of_leaf
    ]
    return Output("".join(f"{root}/{path}\n" for path in dict.fromkeys(paths)))
