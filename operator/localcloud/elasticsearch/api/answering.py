"""From a request to the reply: which route it takes, and what is refused before or on the way."""

from localcloud.elasticsearch.api import cat
from localcloud.elasticsearch.api.answers import Answers
from localcloud.elasticsearch.api.asked import Asked, Request
from localcloud.elasticsearch.api.errors import REFUSALS, ApiError, illegal, worded
from localcloud.elasticsearch.api.replies import Reply, no_handler, refused, unsupported
from localcloud.elasticsearch.api.routes import COMMON, Found, Route, find, routes
from localcloud.elasticsearch.parts.process import Node
from localcloud.elasticsearch.version import Version

CONTENT_TYPES = frozenset({"application/json", "application/yaml", "application/x-ndjson"})


async def answer(answers: Answers, node: Node, request: Request) -> Reply:
    version = node.spec.dialect
    found = find(_table(version), request.method, request.path, version)
    if not isinstance(found, Found):
        return no_handler(request.method, request.path_qs, found, version)
    if version.modern and not _readable(request):
        return unsupported(request.content_type)
    asked = Asked(node, request, found.parts)
    try:
        _refuse_unknown(found.route, asked)
        return await found.route.handler(answers, asked)
    except ApiError as error:
        return refused(error, version)
    except REFUSALS as error:
        return refused(worded(error, version), version)


def _table(version: Version) -> tuple[Route, ...]:
    return routes(version, cat.tables(version))


def _readable(request: Request) -> bool:
    kind = request.content_type.partition(";")[0].strip()
    return not request.text or kind in CONTENT_TYPES


def _refuse_unknown(route: Route, asked: Asked) -> None:
    """1.x reads the parameters that it knows, and no others."""
    unknown = sorted(asked.query.keys() - route.parameters - COMMON)
    if not asked.version.modern or not unknown:
        return
    plural = "s" if len(unknown) > 1 else ""
    names = ", ".join(f"[{name}]" for name in unknown)
    msg = f"request [{asked.request.path}] contains unrecognized parameter{plural}: {names}"
    raise illegal(msg)
