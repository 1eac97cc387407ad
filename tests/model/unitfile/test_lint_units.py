"""Lint of whole units: those of a walk-through of 2014, and any that fleet accepts."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steersman.model.unitfile import UnitFileError
from steersman.model.unitfile.lint import lint

POST = Path(__file__).parent / "data" / "post"  # as printed there


@pytest.mark.parametrize(
    ("file", "rules"),
    [
        pytest.param(
            "jenkins-elasticsearch@.service",
            "AlikeInstances EndlessStart PullMustSucceed UnpinnedImage DataInContainer "
            "SharedContainerName SharedPort StopKills",
            id="jenkins, printed under a template's name",
        ),
        pytest.param(
            "configured-elasticsearch@.service",
            "PullMustSucceed UnpinnedImage TruncatingFetch UnusedConfiguration UnsetVariable "
            "StopKills",
            id="elasticsearch, with a configuration",
        ),
        pytest.param(
            "peered-elasticsearch@.service",
            "PullMustSucceed UnpinnedImage TruncatingFetch UnusedConfiguration EndlessRequest "
            "StopKills",
            id="elasticsearch, with its peers from etcd",
        ),
        pytest.param(
            "announced-elasticsearch-discovery@.service",
            "UnorderedBinding AbandonedSidekick EndlessRequest ShortLife StopMustSucceed",
            id="the sidekick that keeps a node's key",
        ),
    ],
)
def test_all_that_is_known_to_go_wrong_with_these_units_is_found(file: str, rules: str) -> None:
    _, _, name = file.partition("-")
    found = lint((POST / file).read_text(), name, "spec.content")
    assert {each.rule for each in found} == set(rules.split())


SCRAPS = (
    "docker run --name --name= -it -p $A ${B} etcdctl get rm > ' \" | mv %i % x:1 /a/ [ * = - # "
    "ExecStart= [Service] [X-Fleet] Conflicts= MachineOf= MachineMetadata="
)
PIECES = st.sampled_from([*SCRAPS.split(), " ", "\n", "\\\n", "\n[Service]\n", "\n[X-Fleet]\n"])


@given(st.lists(PIECES, max_size=30).map("".join), st.sampled_from(["a.service", "a@.service"]))
def test_whatever_fleet_accepts_can_be_looked_at(text: str, name: str) -> None:
    try:
        found = lint(text, name, "spec.content", "1.0.0")
    except UnitFileError:
        return
    assert all(1 <= each.line <= text.count("\n") + 1 for each in found)
