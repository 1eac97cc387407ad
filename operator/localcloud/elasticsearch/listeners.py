"""Opens and closes the sockets of the nodes, at exactly the addresses of their machines."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack

from aiohttp import web

from localcloud.elasticsearch.model import Elasticsearch
from localcloud.elasticsearch.parts.process import Node
from localcloud.elasticsearch.server import app, unkept
from localcloud.journal import Journal
from localcloud.keeping import Keeper, keeping

CLOSE_SECONDS = 1.0  # for requests that are being answered

log = logging.getLogger(__name__)


class Listeners:
    """Without a `keeper` nothing that is written has to outlive the process."""

    def __init__(
        self,
        model: Elasticsearch,
        journal: Journal,
        changed: Callable[[], None],
        keeper: Keeper | None = None,
    ) -> None:
        self._model = model
        self._journal = journal
        self._changed = changed
        self._keeper = keeper
        self._open: dict[str, AsyncExitStack] = {}

    async def follow(self) -> None:
        """Make the sockets agree with the nodes; a port that is in use is tried again later."""
        live = {node.key: node for node in self._model.live()}
        for node_id in self._open.keys() - live.keys():
            await self._open.pop(node_id).aclose()
        for node_id in live.keys() - self._open.keys():
            await self._listen(live[node_id])

    async def close(self) -> None:
        await asyncio.gather(*(sockets.aclose() for sockets in self._open.values()))
        self._open.clear()

    async def _listen(self, node: Node) -> None:
        async with AsyncExitStack() as sockets:
            try:
                if node.spec.http_port is not None:
                    await self._serve_http(sockets, node, node.spec.http_port)
                if node.spec.transport_port is not None:
                    await self._serve_transport(sockets, node, node.spec.transport_port)
            except (OSError, OverflowError) as error:  # the latter: no port has such a number
                log.warning("cannot listen for %s: %s", node.spec.name, error)
                return
            self._open[node.key] = sockets.pop_all()

    async def _serve_http(self, sockets: AsyncExitStack, node: Node, port: int) -> None:
        application = app(self._model, node.key, self._journal, self._changed)
        if self._keeper:
            application.middlewares.append(keeping(self._keeper, unkept(node.spec.dialect)))
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=CLOSE_SECONDS)
        await runner.setup()
        sockets.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, node.spec.ip, port).start()

    async def _serve_transport(self, sockets: AsyncExitStack, node: Node, port: int) -> None:
        server = await asyncio.start_server(_hang_up, node.spec.ip, port)
        sockets.push_async_callback(server.wait_closed)
        sockets.callback(server.close)


async def _hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An open port is all that the transport protocol tells here."""
    writer.close()
