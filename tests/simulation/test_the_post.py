"""The post's story in virtual time: it comes up, heals what goes wrong, and rests."""

import asyncio

from tests.simulation.story import Story, story
from tests.support.virtual import run_virtual

QUIET_SECONDS = 2 * 3600.0
LIMIT_SECONDS = 6 * 3600.0


def test_the_post_comes_up_in_the_order_that_makes_one_cluster() -> None:
    async def tell() -> list[str]:
        async with story(seed=1) as told:
            told.apply_post()
            await told.until_ready(120)
            cluster = told.summary("elasticsearch/es-prod")
            assert cluster["clusterName"] == "es-prod"
            assert cluster["registered"] == told.registered()
            assert len(told.registered()) == 3
            return told.journal.take()

    writes = run_virtual(tell(), limit_seconds=LIMIT_SECONDS)
    assert sorted(writes) == sorted(
        [
            *(f"compute insert {name}" for name in ("discovery", "core1", "core2", "core3")),
            *(f"fleet put inactive elasticsearch@{n}.service" for n in (1, 2, 3)),
            *(f"fleet launched elasticsearch@{n}.service" for n in (1, 2, 3)),
            "fleet put inactive jenkins.service",
            "fleet launched jenkins.service",
        ]
    )
    first = writes.index("fleet launched elasticsearch@1.service")
    assert first < writes.index("fleet launched elasticsearch@2.service")
    assert first < writes.index("fleet launched elasticsearch@3.service")


def test_each_fault_heals_with_the_writes_that_it_needs_and_no_other() -> None:
    healed = run_virtual(_heal_three(seed=2), limit_seconds=LIMIT_SECONDS)
    assert healed == {
        "node-crash core2": ["compute start core2"],
        "unit-crash elasticsearch@1.service": [
            "fleet loaded elasticsearch@1.service",
            "fleet launched elasticsearch@1.service",
        ],
        "instance-delete core3": ["compute insert core3"],
    }


def test_the_same_seed_tells_the_same_story() -> None:
    async def tell(seed: int) -> list[str]:
        async with story(seed) as told:
            told.apply_post()
            await told.until_ready(120)
            told.fault("node-crash", "core1")
            await told.until_healed(300)
            _, events = told.home.under("/steersman/events/")
            return [event.value.decode() for event in events]

    assert run_virtual(tell(3)) == run_virtual(tell(3))


def test_at_rest_nothing_is_written_but_the_lease_and_the_keep_alives() -> None:
    async def tell() -> tuple[list[str], int]:
        async with story(seed=4) as told:
            told.apply_post()
            await told.until_ready(120)
            await asyncio.sleep(60)
            told.journal.take()
            before = told.home.revision
            await asyncio.sleep(QUIET_SECONDS)
            assert len(told.registered()) == 3
            return told.journal.take(), told.home.revision - before

    assert run_virtual(tell(), limit_seconds=LIMIT_SECONDS) == ([], 0)


def test_a_killed_daemon_is_followed_by_one_that_changes_nothing() -> None:
    async def tell() -> list[str]:
        async with story(seed=5) as told:
            told.apply_post()
            await told.until_ready(120)
            told.journal.take()
            await told.kill()
            await asyncio.sleep(30)
            told.start()
            await asyncio.sleep(120)
            assert told.not_ready() == {}
            return told.journal.take()

    assert run_virtual(tell(), limit_seconds=LIMIT_SECONDS) == []


def test_a_wiped_desired_writes_nothing_and_its_return_changes_nothing() -> None:
    async def tell() -> list[str]:
        async with story(seed=6) as told:
            told.apply_post()
            await told.until_ready(120)
            told.journal.take()
            told.home.delete_prefix("/desired/")
            await asyncio.sleep(900)
            assert len(told.registered()) == 3
            told.apply_post()
            await asyncio.sleep(120)
            assert told.not_ready() == {}
            return told.journal.take()

    assert run_virtual(tell(), limit_seconds=LIMIT_SECONDS) == []


async def _heal_three(seed: int) -> dict[str, list[str]]:
    async with story(seed) as told:
        told.apply_post()
        await told.until_ready(120)
        return {
            f"{kind} {name}": await _healed(told, kind, name)
            for kind, name in (
                ("node-crash", "core2"),
                ("unit-crash", "elasticsearch@1.service"),
                ("instance-delete", "core3"),
            )
        }


async def _healed(told: Story, kind: str, name: str) -> list[str]:
    told.journal.take()
    told.fault(kind, name)
    await told.until_healed(400)
    await asyncio.sleep(3600)
    assert told.not_ready() == {}
    return told.journal.take()


def test_when_all_nodes_crash_at_once_they_form_one_cluster_again() -> None:
    async def tell() -> None:
        async with story(seed=7) as told:
            told.apply_post()
            await told.until_ready(120)
            for number in (1, 2, 3):
                told.fault("unit-crash", f"elasticsearch@{number}.service")
            await told.until_healed(600)
            masters = {node.master for node in told.cloud.elasticsearch.live()}
            assert len(told.cloud.elasticsearch.live()) == 3
            assert len(masters) == 1

    run_virtual(tell(), limit_seconds=LIMIT_SECONDS)
