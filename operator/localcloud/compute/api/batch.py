"""Batches: requests that come in the body of one, and find their replies in the body of its reply.

Both are multipart/mixed; a part is a whole HTTP message under a Content-ID of the caller's.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus

from multidict import CIMultiDict
from yarl import URL

from localcloud.compute.api.call import Call, Reply
from localcloud.compute.errors import ApiError
from localcloud.journal import digest

CALLS_MAX = 1000

_PATH = re.compile(r"/+batch(?:/compute/v1)?/?")
_END_OF_HEAD = re.compile(rb"(?:^|\n)\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")  # a header goes on


@dataclass(frozen=True, slots=True)
class Part:
    """`id` is by what the caller tells the replies apart; empty: it does not."""

    id: str
    call: Call


def is_batch(call: Call) -> bool:
    return call.method == "POST" and _PATH.fullmatch(call.path) is not None


def unpack(batch: Call) -> tuple[Part, ...]:
    """Raises ApiError for what is no batch; what a call asks wrongly is for its own reply."""
    pieces = re.split(_delimiter(batch.headers.get("Content-Type", "")), batch.content())
    calls = pieces[1:-1]  # before the first one and after the last is nothing
    if not 1 <= len(calls) <= CALLS_MAX:
        raise _refused("It has no call, or too many.")
    return tuple(_part(piece, batch.caller) for piece in calls)


def pack(batch: Call, answered: Iterable[tuple[Part, Reply]]) -> Reply:
    """The reply to the whole, which is lost where that to one of its calls is."""
    boundary = f"batch_{digest(batch.content())}"
    answers = tuple(answered)
    pieces = (_packed(boundary, part.id, reply) for part, reply in answers)
    return Reply(
        200,
        b"".join((*pieces, f"--{boundary}--\r\n".encode())),
        any(reply.lost for _, reply in answers),
        f"multipart/mixed; boundary={boundary}",
    )


def _delimiter(content_type: str) -> bytes:
    """A line of its own, which belongs to neither side."""
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_boundary()
    if header.get_content_type() != "multipart/mixed" or not boundary:
        raise _refused("Its type is multipart/mixed, with a boundary.")
    return (
        rb"(?:^|\r?\n)--"
        + re.escape(boundary.encode(errors="surrogateescape"))
        + rb"(?:--)?[ \t]*(?:\r?\n|$)"
    )


def _part(piece: bytes, caller: str) -> Part:
    headers, message = _message(piece)
    request, _, rest = message.lstrip().partition(b"\n")
    words = request.decode(errors="replace").split()
    if len(words) != 3:
        raise _refused("A call begins with its method, its address and HTTP/1.1.")
    of_call, body = _message(rest)
    of_call.setdefault("User-Agent", caller)
    id_ = " ".join(headers.get("Content-ID", "").split())
    return Part(id_, _call(words[0], words[1], of_call, body.strip()))


def _call(method: str, address: str, headers: Mapping[str, str], body: bytes) -> Call:
    try:
        url = URL(address, encoded=True)
    except ValueError as error:
        raise _refused("The address of a call is none.") from error
    return Call(method.upper(), url.path, url.query, headers, body)


def _message(raw: bytes) -> tuple[CIMultiDict[str], bytes]:
    """The headers, and what follows the empty line after them."""
    head, *body = _END_OF_HEAD.split(raw, maxsplit=1)
    lines = _FOLD.sub(b" ", head).decode(errors="replace").splitlines()
    fields = (line.partition(":") for line in lines)
    headers = CIMultiDict((name.strip(), value.strip()) for name, _, value in fields)
    return headers, b"".join(body)


def _packed(boundary: str, id_: str, reply: Reply) -> bytes:
    of_part = [f"--{boundary}", "Content-Type: application/http"]
    if id_:
        of_part.append(f"Content-ID: <response-{id_.removeprefix('<')}")
    of_reply = [
        f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}",
        f"Content-Type: {reply.content_type}",
        f"Content-Length: {len(reply.content)}",
    ]
    head = "\r\n".join((*of_part, "", *of_reply, "", ""))
    return head.encode(errors="replace") + reply.content + b"\r\n"


def _refused(why: str) -> ApiError:
    return ApiError(400, "badRequest", f"Invalid batch: {why}")
