"""The control port: faults, the journal and the inventory over HTTP."""

import json
from importlib.metadata import version

from aiohttp import web

from localcloud.cloud import Cloud
from localcloud.fault import Arguments, BadFaultError
from localcloud.faults import UnknownNameError, inject, parse
from localcloud.inventory import inventory
from localcloud.journal import Entry, Journal

BODY_BYTES_MAX = 64 * 1024


def app(cloud: Cloud, journal: Journal) -> web.Application:
    control = _Control(cloud, journal)
    application = web.Application(client_max_size=BODY_BYTES_MAX)
    application.router.add_post("/v1/faults/{kind}", control.fault)
    application.router.add_get("/v1/journal", control.journal)
    application.router.add_get("/v1/state", control.state)
    application.router.add_get("/v1/version", control.version)
    return application


class _Control:
    def __init__(self, cloud: Cloud, journal: Journal) -> None:
        self._cloud = cloud
        self._journal = journal

    async def fault(self, request: web.Request) -> web.Response:
        kind = request.match_info["kind"]
        try:
            arguments = parse(kind, await request.json())
            inject(self._cloud, kind, arguments)
        except UnknownNameError as error:
            return _refused(404, error)
        except (BadFaultError, ValueError, AttributeError, RecursionError) as error:
            return _refused(400, error)
        self._record(request, kind, _target(arguments))
        return web.json_response({"fault": kind})

    async def journal(self, request: web.Request) -> web.Response:
        text = "".join(f"{line}\n" for line in self._journal.lines())
        return web.Response(text=text, content_type="application/x-ndjson")

    async def state(self, request: web.Request) -> web.Response:
        return web.json_response(inventory(self._cloud))

    async def version(self, request: web.Request) -> web.Response:
        return web.json_response({"version": version("steersman")})

    def _record(self, request: web.Request, kind: str, target: str) -> None:
        entry = Entry(
            time=self._cloud.now(),
            system="control",
            method="fault",
            target=target,
            caller=request.headers.get("User-Agent", ""),
            result="ok",
            action=kind,
        )
        self._journal.record(entry)


def _target(arguments: Arguments) -> str:
    return arguments.name or arguments.zone or arguments.metric


def _refused(status: int, error: Exception) -> web.Response:
    text = json.dumps({"error": str(error)})
    return web.Response(status=status, text=text, content_type="application/json")
