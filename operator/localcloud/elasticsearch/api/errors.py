"""What a node refuses, in the words of its version: a string in 1.x, an object later."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

from localcloud.elasticsearch.api.wire import Body
from localcloud.elasticsearch.parts.indices import (
    IndexExistsError,
    IndexMissingError,
    TooManyDocumentsError,
    UnavailableShardError,
)
from localcloud.elasticsearch.parts.membership import MasterGoneError
from localcloud.elasticsearch.parts.voters import TooManyExclusionsError
from localcloud.elasticsearch.state import Index
from localcloud.elasticsearch.version import Version

# how 1.x calls what the modern family calls by a type
_CLASSES = {
    "illegal_argument_exception": "ElasticsearchIllegalArgumentException",
    "number_format_exception": "NumberFormatException",
    "parse_exception": "ElasticsearchParseException",
    "json_parse_exception": "JsonParseException",
    "class_cast_exception": "ClassCastException",
    "action_request_validation_exception": "ActionRequestValidationException",
    "cluster_block_exception": "ClusterBlockException",
    "process_cluster_event_timeout_exception": "ProcessClusterEventTimeoutException",
    "unavailable_shards_exception": "UnavailableShardsException",
}


@dataclass(frozen=True)
class ApiError(Exception):
    """`kind` is the modern type. `old` is the whole of 1.x's text where kind and reason do not
    make it; `details` are the further fields of the modern object."""

    status: int
    kind: str
    reason: str | None
    old: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    cause: "ApiError | None" = None

    def body(self, version: Version) -> Body:
        if not version.modern:
            return {"error": self._text(), "status": self.status}
        error = {"type": self.kind, "reason": self.reason, **self.details}
        cause = self.cause
        caused = {"caused_by": {"type": cause.kind, "reason": cause.reason}} if cause else {}
        return {"error": {"root_cause": [error], **error, **caused}, "status": self.status}

    def _text(self) -> str:
        text = self.old or f"{_CLASSES[self.kind]}[{self.reason}]"
        return f"{text}; nested: {self.cause._text()}; " if self.cause else text


def illegal(reason: str, cause: ApiError | None = None) -> ApiError:
    return ApiError(400, "illegal_argument_exception", reason, cause=cause)


def no_number(text: str, status: int = 400) -> ApiError:
    return ApiError(status, "number_format_exception", f'For input string: "{text}"')


def no_master(version: Version, waited: str) -> ApiError:
    kind = (
        "cluster_manager_not_discovered_exception"
        if version.opensearch
        else "master_not_discovered_exception"
    )
    return ApiError(503, kind, None, f"MasterNotDiscoveredException[waited for [{waited}]]")


def blocked(version: Version) -> ApiError:
    reason = f"blocked by: [SERVICE_UNAVAILABLE/2/no {version.manager}];"
    return ApiError(503, "cluster_block_exception", reason)


def not_published() -> ApiError:
    """The master could not write the new cluster state down."""
    reason = "failed to process cluster event within 30s"
    return ApiError(503, "process_cluster_event_timeout_exception", reason)


def bad_index_name(name: str, why: str) -> ApiError:
    reason = f"Invalid index name [{name}], {why}"
    details = {"index": name, "index_uuid": "_na_"}
    old = f"InvalidIndexNameException[[{name}] {reason}]"
    return ApiError(400, "invalid_index_name_exception", reason, old, details)


# what the model refuses

Refusal = (
    MasterGoneError
    | IndexMissingError
    | IndexExistsError
    | UnavailableShardError
    | TooManyDocumentsError
    | TooManyExclusionsError
)
REFUSALS: tuple[type[Refusal], ...] = get_args(Refusal)


def worded(error: Refusal, version: Version) -> ApiError:
    match error:
        case MasterGoneError():
            return no_master(version, "30s")
        case IndexMissingError():
            return _index_missing(error.name)
        case IndexExistsError():
            return _index_exists(error.index)
        case UnavailableShardError():
            reason = f"[{error.index}][{error.number}] primary shard is not active"
            return ApiError(503, "unavailable_shards_exception", reason)
        case TooManyDocumentsError():
            return illegal(f"[{error.index}] has as many documents as are kept here")
        case TooManyExclusionsError():
            return _too_many_exclusions(error)


def _index_missing(name: str) -> ApiError:
    details = {
        "index": name,
        "resource.id": name,
        "resource.type": "index_or_alias",
        "index_uuid": "_na_",
    }
    reason = f"no such index [{name}]"
    old = f"IndexMissingException[[{name}] missing]"
    return ApiError(404, "index_not_found_exception", reason, old, details)


def _index_exists(index: Index) -> ApiError:
    reason = f"index [{index.name}/{index.uuid}] already exists"
    old = f"IndexAlreadyExistsException[[{index.name}] already exists]"
    details = {"index": index.name, "index_uuid": index.uuid}
    return ApiError(400, "resource_already_exists_exception", reason, old, details)


def _too_many_exclusions(error: TooManyExclusionsError) -> ApiError:
    asked = ",".join(error.asked)
    return illegal(
        f"add voting config exclusions request for [{asked}] would exceed the maximum of"
        f" [{error.maximum}]"
    )
