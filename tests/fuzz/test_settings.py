"""Settings and what people type: a bad one is refused by name."""

from typing import Any

from hypothesis import strategies as st
from pydantic import ValidationError

from steersman.clients.daemon import DaemonClient
from steersman.clients.etcd import parse_store_url
from steersman.clients.fleet import FleetClient
from steersman.kinds import KINDS
from steersman.model.document import DocumentError
from steersman.model.reference import scope_of
from steersman.settings import PORT_MAX, Settings
from tests.fuzz.strategies import changed
from tests.fuzz.trying import fuzzed, outcome, refusal

SETTINGS = "settings"
NAMES = st.sampled_from([name.encode() for name in sorted(Settings.model_fields)])
VALUES = changed(
    (
        b"etcd3://127.0.0.1:2379,[::1]:2379",
        b"http://127.0.0.1:9130,unix:///var/run/fleet.sock",
        b"auto-safe,unit=ask, nodepool=auto",
        b"127.0.0.1:9110",
        b"15.5",
        b"1000",
        b"nodepool/core/core2",
        b"unit/x@1",
    )
)


@fuzzed(SETTINGS, st.builds(b"%s=%s".__mod__, st.tuples(NAMES, VALUES)))
def test_each_setting_is_read_or_refused_by_its_name(body: bytes) -> None:
    name, _, value = body.decode(errors="replace").partition("=")
    given: dict[str, Any] = {"owner": "tests", name: value}
    said = refusal(lambda: Settings(**given), ValidationError)
    if said is None:
        assert 0 <= Settings(**given).listen_address[1] <= PORT_MAX
    else:
        assert all(each["loc"] == (name,) or name.upper() in each["msg"] for each in said.errors())


@fuzzed(SETTINGS, VALUES)
def test_an_address_is_understood_or_a_value_error(body: bytes) -> None:
    text = body.decode(errors="replace")
    outcome(lambda: parse_store_url(text), ValueError)
    outcome(lambda: FleetClient(text), ValueError)
    outcome(lambda: DaemonClient(text), ValueError)


@fuzzed(SETTINGS, VALUES)
def test_a_reference_is_understood_or_refused(body: bytes) -> None:
    scope = outcome(lambda: scope_of(body.decode(errors="replace"), KINDS), DocumentError)
    assert scope is None or scope_of(str(scope), KINDS) == scope
