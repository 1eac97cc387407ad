"""Firewalls: what a new project has, and how a rule is made, merged, replaced and deleted."""

from typing import Any

import pytest

from localcloud.compute.bodies.firewall import Rule
from localcloud.compute.errors import ApiError
from tests.localcloud.compute.world import World

TCP_22 = {"IPProtocol": "tcp", "ports": ["22"]}


def names(world: World) -> list[str]:
    return [firewall.name for firewall in world.compute.state.firewalls.values()]


def made(world: World, **extra: Any) -> Rule:
    """The rule that an insert leaves behind."""
    world.compute.firewalls.insert({"name": "fw", "allowed": [TCP_22], **extra})
    world.advance()
    return world.compute.firewalls.get("fw").rule


def test_a_new_project_is_open_to_the_internet_by_four_rules(world: World) -> None:
    rules = {one.name: one.rule for one in world.compute.state.firewalls.values()}
    assert {name: rule["sourceRanges"] for name, rule in rules.items()} == {
        "default-allow-icmp": ["0.0.0.0/0"],
        "default-allow-internal": ["10.128.0.0/9"],
        "default-allow-rdp": ["0.0.0.0/0"],
        "default-allow-ssh": ["0.0.0.0/0"],
    }
    assert {rule["priority"] for rule in rules.values()} == {65534}
    assert rules["default-allow-ssh"]["allowed"] == [TCP_22]


def test_a_rule_without_sources_is_open_to_the_whole_internet(world: World) -> None:
    rule = made(world)
    assert (rule["priority"], rule["direction"]) == (1000, "INGRESS")
    assert rule["sourceRanges"] == ["0.0.0.0/0"]


def test_a_rule_with_source_tags_is_not_open_to_ranges(world: World) -> None:
    assert "sourceRanges" not in made(world, sourceTags=["core"])


def test_protocols_come_back_in_lower_case(world: World) -> None:
    assert made(world, allowed=[{"IPProtocol": "TCP"}])["allowed"] == [{"IPProtocol": "tcp"}]


@pytest.mark.parametrize(
    "given",
    [
        {"sourceRanges": ["10.0.0.0/8", "2001:db8::/32"]},
        {"allowed": [{"IPProtocol": "tcp", "ports": ["22", "8000-9000"]}]},
        {"allowed": [{"IPProtocol": "50"}]},
        {"direction": "EGRESS", "destinationRanges": ["10.0.0.0/8"]},
        {"targetTags": ["core"], "sourceTags": ["jenkins"]},
    ],
)
def test_a_rule_is_as_it_was_given(given: dict[str, Any], world: World) -> None:
    rule = made(world, **given)
    assert {name: rule[name] for name in given} == given


def test_a_patch_leaves_what_it_does_not_name(world: World) -> None:
    made(world, priority=5, description="ours")
    world.compute.firewalls.patch("fw", {"sourceRanges": ["10.0.0.0/8"]})
    rule = world.compute.firewalls.get("fw").rule
    assert (rule["priority"], rule["sourceRanges"]) == (5, ["10.0.0.0/8"])


def test_an_update_replaces_the_whole_rule(world: World) -> None:
    made(world, priority=5, sourceRanges=["10.0.0.0/8"])
    world.compute.firewalls.update("fw", {"allowed": [{"IPProtocol": "icmp"}]})
    rule = world.compute.firewalls.get("fw").rule
    assert (rule["priority"], rule["sourceRanges"]) == (1000, ["0.0.0.0/0"])


def test_a_deleted_rule_is_there_until_its_operation_is_done(world: World) -> None:
    world.compute.firewalls.delete("default-allow-rdp")
    assert "default-allow-rdp" in names(world)
    world.advance()
    assert "default-allow-rdp" not in names(world)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"name": "default-allow-ssh"}, "alreadyExists", id="a name that is taken"),
        pytest.param({"allowed": []}, "required", id="neither allowed nor denied"),
        pytest.param({"denied": [TCP_22]}, "invalid", id="allowed and denied"),
        pytest.param({"direction": "SIDEWAYS"}, "invalid", id="an unknown direction"),
        pytest.param({"priority": 65536}, "invalid", id="a priority out of range"),
        pytest.param({"network": "global/networks/none"}, "invalid", id="an unknown network"),
        pytest.param({"sourceRanges": ["nonsense"]}, "invalid", id="a range that is none"),
        pytest.param({"sourceRanges": ["10.0.0.0/33"]}, "invalid", id="a mask that is too long"),
        pytest.param({"targetTags": ["UPPER"]}, "invalid", id="a tag with capitals"),
        pytest.param(
            {"direction": "EGRESS", "sourceTags": ["a"]}, "invalid", id="senders of what leaves"
        ),
        *(
            pytest.param(
                {"allowed": [{"IPProtocol": "tcp", "ports": [ports]}]},
                "invalid",
                id=f"port {ports}",
            )
            for ports in ("22-", "99999", "9-8", "ssh", "")
        ),
        pytest.param({"allowed": [{"IPProtocol": "bogus"}]}, "invalid", id="no such protocol"),
        pytest.param({"allowed": [{"IPProtocol": "256"}]}, "invalid", id="a number too high"),
        pytest.param(
            {"allowed": [{"IPProtocol": "icmp", "ports": ["1"]}]}, "invalid", id="ports of icmp"
        ),
    ],
)
def test_a_rule_is_refused_for(changes: dict[str, Any], reason: str, world: World) -> None:
    before = names(world)
    with pytest.raises(ApiError) as refused:
        made(world, **changes)
    assert refused.value.reason == reason
    assert names(world) == before


def test_the_direction_of_a_rule_cannot_change(world: World) -> None:
    made(world)
    with pytest.raises(ApiError, match="cannot change"):
        world.compute.firewalls.patch("fw", {"direction": "EGRESS"})


def test_more_rules_than_the_quota_are_refused(world: World) -> None:
    world.compute.mishaps.quota("FIREWALLS", 4)
    with pytest.raises(ApiError) as refused:
        made(world)
    assert (refused.value.status, refused.value.reason) == (403, "quotaExceeded")
