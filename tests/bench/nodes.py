"""The Elasticsearch nodes of the bench: each answers at its own address as a node of a healthy
cluster does."""

from collections.abc import Iterable

from aiohttp import web

from tests.bench.scale import EsNode

HTTP_PORT, TRANSPORT_PORT = 9200, 9300
VERSION = "1.3.2"


class Nodes:
    """All clusters; the first node of each is its master."""

    def __init__(self, nodes: Iterable[EsNode]) -> None:
        self._nodes = {each.ip: each for each in nodes}

    async def start(self) -> None:
        """Answer from now on, for as long as the loop runs."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/", self.about),
                web.get("/_cluster/state/{what}", self.state),
                web.get("/_nodes/_local", self.local),
                web.get("/_cluster/health", self.health),
            ]
        )
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        for ip in self._nodes:
            for port in (HTTP_PORT, TRANSPORT_PORT):  # of the latter only the connection counts
                await web.TCPSite(runner, ip, port).start()

    async def about(self, asked: web.Request) -> web.Response:
        node = self._asked(asked)
        about = {"name": node.unit, "cluster_name": node.cluster, "version": {"number": VERSION}}
        return web.json_response({"status": 200, **about})

    async def state(self, asked: web.Request) -> web.Response:
        cluster = self._asked(asked).cluster
        peers = [each for each in self._nodes.values() if each.cluster == cluster]
        state = {
            "cluster_name": cluster,
            "master_node": peers[0].unit,
            "nodes": {each.unit: {"name": each.unit} for each in peers},
        }
        return web.json_response(state)

    async def local(self, asked: web.Request) -> web.Response:
        node = self._asked(asked)
        transport = f"inet[/{node.ip}:{TRANSPORT_PORT}]"
        told = {"name": node.unit, "version": VERSION, "transport_address": transport}
        return web.json_response({"cluster_name": node.cluster, "nodes": {node.unit: told}})

    async def health(self, asked: web.Request) -> web.Response:
        del asked
        return web.json_response({"status": "green"})

    def _asked(self, asked: web.Request) -> EsNode:
        return self._nodes[asked.url.host or ""]
