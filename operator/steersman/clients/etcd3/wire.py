"""etcd's v3 messages and methods, as many as the store needs, built at run time.

Generated classes are tied to a release of protobuf and register in a pool that the whole process
shares, where a second etcd library would collide with them. These live in a pool of their own.
"""

import re
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClassesForFiles

Message = Any  # classes made at run time have no static type

_PACKAGE = "steersman.etcd.pb"
_FILE = "steersman/etcd.proto"

# Fields that are not listed are skipped when read. Enumerations are int32 on the wire, and texts
# that a server sends are bytes, as nobody has checked that they are text.
_SCHEMA = """
message Header { uint64 cluster_id = 1; int64 revision = 3; }
message KeyValue { bytes key = 1; int64 create_revision = 2; int64 mod_revision = 3;
  bytes value = 5; int64 lease = 6; }
message Event { int32 type = 1; KeyValue kv = 2; }

message RangeRequest { bytes key = 1; bytes range_end = 2; int64 limit = 3; int64 revision = 4; }
message RangeResponse { Header header = 1; repeated KeyValue kvs = 2; bool more = 3; }
message PutRequest { bytes key = 1; bytes value = 2; int64 lease = 3; }
message DeleteRangeRequest { bytes key = 1; }
message RequestOp { RangeRequest request_range = 1; PutRequest request_put = 2;
  DeleteRangeRequest request_delete_range = 3; }
message ResponseOp { RangeResponse response_range = 1; }
message Compare { int32 result = 1; int32 target = 2; bytes key = 3; int64 create_revision = 5;
  int64 mod_revision = 6; }
message TxnRequest { repeated Compare compare = 1; repeated RequestOp success = 2;
  repeated RequestOp failure = 3; }
message TxnResponse { Header header = 1; bool succeeded = 2; repeated ResponseOp responses = 3; }

message WatchRequest { WatchCreateRequest create_request = 1;
  WatchProgressRequest progress_request = 3; }
message WatchCreateRequest { bytes key = 1; bytes range_end = 2; int64 start_revision = 3;
  bool progress_notify = 4; bool fragment = 8; }
message WatchProgressRequest { }
message WatchResponse { Header header = 1; int64 watch_id = 2; bool created = 3; bool canceled = 4;
  int64 compact_revision = 5; bytes cancel_reason = 6; bool fragment = 7;
  repeated Event events = 11; }

message LeaseGrantRequest { int64 TTL = 1; }
message LeaseGrantResponse { int64 ID = 2; }
message LeaseRevokeRequest { int64 ID = 1; }
message LeaseRevokeResponse { }
message LeaseKeepAliveRequest { int64 ID = 1; }
message LeaseKeepAliveResponse { int64 TTL = 3; }
message LeaseTimeToLiveRequest { int64 ID = 1; }
message LeaseTimeToLiveResponse { int64 TTL = 3; }

message AuthenticateRequest { string name = 1; string password = 2; }
message AuthenticateResponse { bytes token = 2; }
"""
_MESSAGE = re.compile(r"message (\w+) \{(.*?)\}", re.DOTALL)
_FIELD = re.compile(r"(repeated )?(\w+) (\w+) = (\d+);")
_SCALARS = {
    "int32": FieldDescriptorProto.TYPE_INT32,
    "int64": FieldDescriptorProto.TYPE_INT64,
    "uint64": FieldDescriptorProto.TYPE_UINT64,
    "bool": FieldDescriptorProto.TYPE_BOOL,
    "bytes": FieldDescriptorProto.TYPE_BYTES,
    "string": FieldDescriptorProto.TYPE_STRING,
}


def _field(repeated: str, kind: str, name: str, number: str) -> Message:
    field = FieldDescriptorProto(name=name, number=int(number))
    field.label = field.LABEL_REPEATED if repeated else field.LABEL_OPTIONAL
    if kind in _SCALARS:
        field.type = _SCALARS[kind]
    else:
        field.type, field.type_name = field.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"
    return field


def _classes() -> dict[str, Message]:
    # With the rules of proto2 a zero that was set is sent, as in the oneofs of etcd's Compare.
    file = FileDescriptorProto(name=_FILE, package=_PACKAGE, syntax="proto2")
    for name, body in _MESSAGE.findall(_SCHEMA):
        message = file.message_type.add(name=name)
        message.field.extend(_field(*parts) for parts in _FIELD.findall(body))
    pool = DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    classes = GetMessageClassesForFiles([_FILE], pool)
    return {name.removeprefix(f"{_PACKAGE}."): cls for name, cls in classes.items()}


_CLASSES = _classes()


def make(name: str, /, **fields: Any) -> Message:
    """A message of the schema above, by its name."""
    return _CLASSES[name](**fields)


@dataclass(frozen=True, slots=True)
class Method:
    """`harmless`: nobody sees a difference when it is sent twice, so another endpoint may be
    asked when one does not answer."""

    path: str
    reply: str
    harmless: bool = False

    def read_reply(self, data: bytes) -> Message:
        return _CLASSES[self.reply].FromString(data)


RANGE = Method("/etcdserverpb.KV/Range", "RangeResponse", harmless=True)
TXN = Method("/etcdserverpb.KV/Txn", "TxnResponse")
WATCH = Method("/etcdserverpb.Watch/Watch", "WatchResponse", harmless=True)
# A lease that no key hangs on ends by itself, so a second grant does no harm.
LEASE_GRANT = Method("/etcdserverpb.Lease/LeaseGrant", "LeaseGrantResponse", harmless=True)
LEASE_REVOKE = Method("/etcdserverpb.Lease/LeaseRevoke", "LeaseRevokeResponse", harmless=True)
LEASE_KEEP_ALIVE = Method(
    "/etcdserverpb.Lease/LeaseKeepAlive", "LeaseKeepAliveResponse", harmless=True
)
LEASE_TIME_TO_LIVE = Method(
    "/etcdserverpb.Lease/LeaseTimeToLive", "LeaseTimeToLiveResponse", harmless=True
)
AUTHENTICATE = Method("/etcdserverpb.Auth/Authenticate", "AuthenticateResponse", harmless=True)

EVENT_DELETE = 1
COMPARE_EQUAL = 0
COMPARE_CREATE = 1
COMPARE_MOD = 2
NO_WATCH_ID = -1  # of an answer to a progress request, which is about the stream


def serialize(message: Message) -> bytes:
    return bytes(message.SerializeToString())


def prefix_end(prefix: bytes) -> bytes:
    """The first key after all that begin with `prefix`, which ends in a slash."""
    return prefix[:-1] + bytes([prefix[-1] + 1])
