"""What the programs on a machine read and write of the model, as etcdctl does."""

from localcloud.etcd.model import EtcdModel
from localcloud.etcd.records import DownError
from localcloud.seams import UnreachableError


class ModelKeys:
    """The seam Keys. A directory exists as long as there is a key in it."""

    def __init__(self, model: EtcdModel) -> None:
        self._model = model

    def get(self, key: str) -> str | None:
        try:
            entry = self._model.get(key)
        except DownError as error:
            raise UnreachableError from error
        return None if entry is None else entry.value.decode()

    def leaves(self, directory: str) -> list[str] | None:
        prefix = directory.rstrip("/") + "/"
        try:
            _, entries = self._model.under(prefix)
        except DownError as error:
            raise UnreachableError from error
        return [entry.key.removeprefix(prefix) for entry in entries] or None

    def put(self, key: str, value: str, ttl_seconds: float | None = None) -> None:
        try:
            self._model.put(key, value.encode(), ttl_seconds)
        except DownError as error:
            raise UnreachableError from error

    def remove(self, key: str) -> bool:
        try:
            entry = self._model.get(key)
            return entry is not None and self._model.delete(key, entry.modified)
        except DownError as error:
            raise UnreachableError from error
