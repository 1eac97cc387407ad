"""Keys and values under /services: whatever stands there, the registrar decides and tells."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from steersman.engine.acceptance.accept import accept
from steersman.engine.acceptance.reader import Reader
from steersman.engine.decide import Rules, decide
from steersman.engine.ledger import Ledger
from steersman.kinds import KINDS
from steersman.model.memory import Memory
from steersman.model.observed import KeyItem, KeysSnapshot
from steersman.model.ports import Item
from steersman.model.resource import Key
from steersman.model.views import status_view
from steersman.model.world import World
from tests.fuzz.strategies import changed
from tests.fuzz.trying import fuzzed

REGISTRATIONS = "registrations"
NOW = datetime(2014, 9, 1, 12, 0, tzinfo=UTC)
ROOT = "/services/elasticsearch"
VALUE = '{"http_port": 9200, "transport_port": 9300}'
CLUSTER, UNIT = Key("elasticsearch", "es-prod"), Key("unit", "elasticsearch")
DOCUMENT = Item(
    f"/desired/{CLUSTER}", b"spec: {unit: unit/elasticsearch, clusterName: es-prod}", 5, 5
)
KIND = KINDS[CLUSTER.kind]
RESOURCES = accept({"home": {DOCUMENT.key: DOCUMENT}}, {}, Reader(KINDS), "tests").resources
WORLDS = tuple(
    World(owner="tests", leading=True, resources=RESOURCES, facts={UNIT: facts} if facts else {})
    for facts in ({}, {"instances": ""}, {"instances": "es@1.service,es@x.service,es.service"})
)
GOOD_ONE = KeyItem(f"{ROOT}/10.240.0.9", VALUE, 7, NOW + timedelta(seconds=300), NOW)
OURS = Memory(own={"owners": {GOOD_ONE.key: ""}})


@fuzzed(REGISTRATIONS, changed([b"/10.240.0.2 {}", f"/es-1/_x {VALUE}".encode(), b" leaf"]))
def test_a_key_is_a_registration_or_a_stranger_and_hides_no_other(body: bytes) -> None:
    name, _, value = body.decode(errors="backslashreplace").partition(" ")
    odd = KeyItem(f"{ROOT}{name}", value, 8, None, NOW)
    keys = KeysSnapshot(NOW, {GOOD_ONE.key: GOOD_ONE, odd.key: odd}, {"/services/": 8})
    for world in WORLDS:
        seen = replace(world, keys=keys, memory={CLUSTER: OURS})
        decision = decide(CLUSTER, seen, Ledger(), Rules(KINDS, 120), NOW)
        status_view(decision.resource.source, decision.status)
        kept = {each.key for each in KIND.keepalives(decision.resource, seen, NOW)}
        assert GOOD_ONE.key in kept
