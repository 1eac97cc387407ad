"""The control port: faults, the journal and the inventory over HTTP."""

import json
from dataclasses import dataclass
from importlib.metadata import version

from aiohttp import web

from localcloud.cloud import Cloud
from localcloud.fault import BadFaultError
from localcloud.faults import UnknownNameError, inject, parse, told
from localcloud.inventory import inventory
from localcloud.journal import Entry, Journal, digest

OK = 200
BODY_BYTES_MAX = 64 * 1024


def app(cloud: Cloud, journal: Journal) -> web.Application:
    control = _Control(cloud, journal)
    application = web.Application(client_max_size=BODY_BYTES_MAX)
    application.router.add_post("/v1/faults/{kind}", control.fault)
    application.router.add_get("/v1/journal", control.journal)
    application.router.add_get("/v1/state", control.state)
    application.router.add_get("/v1/version", control.version)
    return application


@dataclass(slots=True)
class Told:
    """A fault as it was asked for; its arguments once they could be read."""

    kind: str
    body: bytes
    arguments: str = ""


class _Control:
    def __init__(self, cloud: Cloud, journal: Journal) -> None:
        self._cloud = cloud
        self._journal = journal

    async def fault(self, request: web.Request) -> web.Response:
        fault = Told(request.match_info["kind"], await request.read())
        response = self._inject(fault)
        self._record(request, fault, response.status)
        return response

    def _inject(self, fault: Told) -> web.Response:
        try:
            arguments = parse(fault.kind, json.loads(fault.body))
            fault.arguments = told(fault.kind, arguments)
            inject(self._cloud, fault.kind, arguments)
        except UnknownNameError as error:
            return _refused(404, error)
        except (BadFaultError, ValueError, AttributeError, RecursionError) as error:
            return _refused(400, error)
        return web.json_response({"fault": fault.kind})

    async def journal(self, request: web.Request) -> web.Response:
        text = "".join(f"{line}\n" for line in self._journal.lines())
        return web.Response(text=text, content_type="application/x-ndjson")

    async def state(self, request: web.Request) -> web.Response:
        return web.json_response(inventory(self._cloud))

    async def version(self, request: web.Request) -> web.Response:
        return web.json_response({"version": version("steersman")})

    def _record(self, request: web.Request, fault: Told, status: int) -> None:
        entry = Entry(
            time=self._cloud.now(),
            system="control",
            method="fault",
            target=fault.arguments,
            caller=request.headers.get("User-Agent", ""),
            result="ok" if status == OK else str(status),
            action=fault.kind,
            body=digest(fault.body),
        )
        self._journal.record(entry)


def unkept(_: web.Request) -> web.Response:
    """To a fault that would not outlive the process."""
    return _refused(503, OSError("the local cloud cannot save its state"))


def _refused(status: int, error: Exception) -> web.Response:
    text = json.dumps({"error": str(error)})
    return web.Response(status=status, text=text, content_type="application/json")
