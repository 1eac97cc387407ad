"""Whatever people write into a unit file, the cloud that starts it goes on."""

from hypothesis import given
from hypothesis import strategies as st

from localcloud.machines import machine_of
from localcloud.programs.unit import start_unit
from localcloud.seams import Option
from tests.localcloud.support import FakeKeys

FRAGMENTS = r"""
bash -c etcdctl ls get /configs/elasticsearch docker run sed mv s/a/b/ elasticsearch -p 9200:9200
-Des.config=/data/x --volume /d:/data if then fi while do done $( ) ' " | ; && > \ sleep tr paste
head cut grep [ ] = $? ${A} A=b %i % test echo cat exit curl
--discovery.zen.ping.unicast.hosts=a,b:c
"""
WORDS = st.sampled_from(FRAGMENTS.split())
LINES = st.lists(WORDS | st.text(max_size=5), max_size=12).map(" ".join)
SCRIPTS = LINES.map(lambda line: f"/bin/bash -c '{line}'")
NAMES = st.sampled_from(["ExecStart", "ExecStartPre", "Environment", "EnvironmentFile", "Type"])
OPTIONS = st.lists(st.builds(Option, st.just("Service"), NAMES, LINES | SCRIPTS), max_size=5)


@given(OPTIONS)
def test_any_unit_starts_or_fails(options: list[Option]) -> None:
    keys = FakeKeys({"/configs/elasticsearch": "a: b\n"})
    start_unit("a@1.service", options, {"/etc/environment": "A=b\n"}, keys)


@given(st.text(max_size=200) | st.text(max_size=200).map(lambda text: f"#cloud-config\n{text}"))
def test_any_user_data_boots(user_data: str) -> None:
    machine_of("17", "core1", "127.20.0.2", user_data)
