"""The answers about indices and documents."""

from localcloud.elasticsearch.api.asked import Asked
from localcloud.elasticsearch.api.errors import ApiError, bad_index_name, blocked, illegal
from localcloud.elasticsearch.api.replies import Reply, empty, reply
from localcloud.elasticsearch.api.shards import index_settings
from localcloud.elasticsearch.api.waiting import Waiting
from localcloud.elasticsearch.api.wire import Body, flat
from localcloud.elasticsearch.model import Elasticsearch
from localcloud.elasticsearch.node import is_number
from localcloud.elasticsearch.parts.indices import REPLICAS_MAX, SHARDS_MAX, Written, known
from localcloud.elasticsearch.state import Index
from localcloud.elasticsearch.version import Version

HITS_MAX = 10


class DocumentAnswers:
    def __init__(self, model: Elasticsearch, waiting: Waiting) -> None:
        self._model = model
        self._waiting = waiting

    # indices

    async def create_index(self, asked: Asked) -> Reply:
        name = asked.parts["index"]
        _refuse_bad_name(name, asked.version)
        settings = _index_settings(asked.json().get("settings", {}))
        node = await self._waiting.for_master(asked)
        self._model.indices.create(node, name, settings)
        told = {"shards_acknowledged": True, "index": name} if asked.version.modern else {}
        return reply({"acknowledged": True, **told}, 200, asked.query)

    async def delete_no_index(self, asked: Asked) -> Reply:
        reason = "Validation Failed: 1: index / indices is missing;"
        raise ApiError(400, "action_request_validation_exception", reason)

    async def delete_index(self, asked: Asked) -> Reply:
        node = await self._waiting.for_master(asked)
        self._known(asked)
        self._model.indices.delete(node, asked.parts["index"])
        return reply({"acknowledged": True}, 200, asked.query)

    async def has_index(self, asked: Asked) -> Reply:
        node = await self._waiting.for_master(asked)
        there = node.state.index(asked.parts["index"]) is not None
        if asked.version.modern and asked.parts["index"].startswith("_"):
            return empty(asked.version, 400)
        return empty(asked.version, 200 if there else 404)

    async def get_index(self, asked: Asked) -> Reply:
        await self._waiting.for_master(asked)
        if asked.parts["index"].startswith("_"):
            _refuse_bad_name(asked.parts["index"], asked.version)
        index = self._known(asked)
        settings = index_settings(index, asked.version)
        warmers: Body = {} if asked.version.modern else {"warmers": {}}
        told = {"aliases": {}, "mappings": {}, "settings": settings, **warmers}
        return reply({index.name: told}, 200, asked.query)

    async def get_index_or_feature(self, asked: Asked) -> Reply:
        name = asked.parts["index"]
        if name.startswith("_"):
            msg = f"No feature for name [{name}]"
            raise illegal(msg)
        return await self.get_index(asked)

    async def no_feature(self, asked: Asked) -> Reply:
        msg = f"No feature for name [{asked.parts['feature']}]"
        raise illegal(msg)

    async def index_settings(self, asked: Asked) -> Reply:
        await self._waiting.for_master(asked)
        index = self._known(asked)
        body = {index.name: {"settings": index_settings(index, asked.version)}}
        return reply(body, 200, asked.query)

    async def put_index_settings(self, asked: Asked) -> Reply:
        """The number of replicas is what an index lets be changed here."""
        node = await self._waiting.for_master(asked)
        self._known(asked)
        for name, value in _index_settings(asked.json()).items():
            if name != "number_of_replicas":
                msg = f"Can't update non dynamic settings [[index.{name}]]"
                raise illegal(msg)
            self._model.indices.set_replicas(node, asked.parts["index"], int(value))
        return reply({"acknowledged": True}, 200, asked.query)

    # documents

    async def add_document(self, asked: Asked) -> Reply:
        """Under an id of its own; refused where a path was mistaken for an index."""
        _refuse_bad_name(asked.parts["index"], asked.version)
        return await self._written(asked, f"{self._model.now():.6f}")

    async def put_document(self, asked: Asked) -> Reply:
        _refuse_bad_name(asked.parts["index"], asked.version)
        return await self._written(asked, asked.parts["id"])

    async def get_document(self, asked: Asked) -> Reply:
        name, document_id = self._known(asked).name, asked.parts["id"]
        document = self._model.indices.get(asked.node, name, document_id)
        place = _place(asked, document_id)
        if asked.request.method == "HEAD":
            return empty(asked.version, 404 if document is None else 200)
        if document is None:
            return reply({**place, "found": False}, 404, asked.query)
        found = {"_version": document.version, "found": True, "_source": document.source}
        return reply({**place, **found}, 200, asked.query)

    async def delete_document(self, asked: Asked) -> Reply:
        name, document_id = self._known(asked).name, asked.parts["id"]
        gone = self._model.indices.remove(asked.node, name, document_id)
        body = {**_place(asked, document_id), **_told_of_removal(gone, asked.version)}
        return reply(body, 200 if gone.existed else 404, asked.query)

    async def count(self, asked: Asked) -> Reply:
        names = self._names(asked)
        total = sum(self._model.indices.count(asked.node.state, name) for name in names)
        body = {"count": total, "_shards": self._searched(asked, names)}
        return reply(body, 200, asked.query)

    async def search(self, asked: Asked) -> Reply:
        """Everything that there is, whatever was asked for."""
        names = self._names(asked)
        hits = [
            {"_index": name, **_typed(one.type, asked.version), "_id": key, "_score": 1.0}
            | {"_source": one.source}
            for name in names
            for key, one in self._model.indices.documents(asked.node.state, name).items()
        ]
        total = {"value": len(hits), "relation": "eq"} if asked.version.modern else len(hits)
        body = {
            "took": 1,
            "timed_out": False,
            "_shards": self._searched(asked, names),
            "hits": {"total": total, "max_score": 1.0 if hits else None, "hits": hits[:HITS_MAX]},
        }
        return reply(body, 200, asked.query)

    async def flush(self, asked: Asked) -> Reply:
        if asked.node.master is None and not asked.version.modern:
            raise blocked(asked.version)
        return reply({"_shards": self._counted(asked, self._names(asked))}, 200, asked.query)

    async def flush_synced(self, asked: Asked) -> Reply:
        """Each index by itself; OpenSearch does as if it were an ordinary flush."""
        names = self._names(asked)
        each = (
            {} if asked.version.opensearch else {one: self._counted(asked, [one]) for one in names}
        )
        return reply({"_shards": self._counted(asked, names), **each}, 200, asked.query)

    # parts

    async def _written(self, asked: Asked, document_id: str) -> Reply:
        name, type_ = asked.parts["index"], asked.parts.get("type", "_doc")
        source = asked.json()
        ready = await self._waiting.until(
            lambda node: node.master is not None, asked.seconds("timeout")
        )
        if not ready:
            raise blocked(asked.version)
        indices = self._model.indices
        indices.ensure(self._waiting.node(), name)
        await self._waiting.until(
            lambda node: indices.writable(node, name, document_id), asked.seconds("timeout")
        )
        written = indices.put(self._waiting.node(), name, type_, document_id, source)
        body = {**_place(asked, document_id), **_told_of(written, asked.version)}
        return reply(body, 200 if written.existed else 201, asked.query)

    def _known(self, asked: Asked) -> Index:
        return known(self._waiting.node().state, asked.parts["index"])

    def _names(self, asked: Asked) -> list[str]:
        if "index" in asked.parts:
            return [self._known(asked).name]
        return [index.name for index in asked.node.state.indices]

    def _searched(self, asked: Asked, names: list[str]) -> Body:
        """Of each shard one copy is asked."""
        primaries = [one for one in asked.node.state.shards_of(names) if one.primary]
        skipped = {"skipped": 0} if asked.version.modern else {}
        active = sum(one.active for one in primaries)
        failed = len(primaries) - active
        return {"total": len(primaries), "successful": active, **skipped, "failed": failed}

    def _counted(self, asked: Asked, names: list[str]) -> Body:
        shards = asked.node.state.shards_of(names)
        active = sum(one.active for one in shards)
        return {"total": len(shards), "successful": active, "failed": 0}


def _refuse_bad_name(name: str, version: Version) -> None:
    if name.startswith("_"):
        marks = "'_', '-', or '+'" if version.modern else "'_'"
        raise bad_index_name(name, f"must not start with {marks}")
    if name != name.lower():
        raise bad_index_name(name, "must be lowercase")


def _index_settings(given: object) -> dict[str, str]:
    """Flat, with and without the prefix `index.`."""
    if not isinstance(given, dict):
        raise illegal("settings is not an object")
    pairs = {name.removeprefix("index."): value or "" for name, value in flat("", given)}
    _refuse_beyond(pairs, "number_of_shards", 1, SHARDS_MAX)
    _refuse_beyond(pairs, "number_of_replicas", 0, REPLICAS_MAX)
    return pairs


def _refuse_beyond(pairs: dict[str, str], name: str, least: int, most: int) -> None:
    value = pairs.get(name)
    if value is None:
        return
    if not is_number(value) or not least <= int(value) <= most:
        msg = f"Failed to parse value [{value}] for setting [index.{name}]"
        raise illegal(msg)


def _typed(type_: str, version: Version) -> Body:
    return {} if version.opensearch else {"_type": type_}


def _place(asked: Asked, document_id: str) -> Body:
    typed = _typed(asked.parts.get("type", "_doc"), asked.version)
    return {"_index": asked.parts["index"], **typed, "_id": document_id}


def _told_of(written: Written, version: Version) -> Body:
    if not version.modern:
        return {"_version": written.version, "created": not written.existed}
    return _told_by_shards(written, "updated" if written.existed else "created")


def _told_of_removal(gone: Written, version: Version) -> Body:
    if not version.modern:
        return {"found": gone.existed, "_version": gone.version}
    return _told_by_shards(gone, "deleted" if gone.existed else "not_found")


def _told_by_shards(written: Written, result: str) -> Body:
    shards = {"total": written.copies, "successful": written.successful, "failed": 0}
    return {"_version": written.version, "result": result, "_shards": shards}
