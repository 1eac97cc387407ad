"""What a daemon counts while it works, in virtual time: steps, their effects, drift and its end."""

from steersman.model.errors import ErrorClass, OutsideError
from tests.engine.town import Daemon, Town
from tests.support.virtual import virtual

DETECTED = 'steersman_drift_detected_total{field_class="lit",kind="lamp"}'
EFFECT = "steersman_action_effect_seconds"
LIGHT = '{action="Light",kind="lamp"}'
REPAIRED = 'steersman_drift_repair_seconds_count{kind="lamp"}'


@virtual
async def test_drift_is_told_from_its_detection_to_its_repair() -> None:
    town = Town()
    town.desire("a")
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: town.ready("a"))
        town.hall.put_out("a")
        await town.until(lambda: not town.ready("a"))
        await town.until(lambda: DETECTED in lines(daemon))
        drifting = lines(daemon)
        await town.until(lambda: lines(daemon)[REPAIRED] > drifting[REPAIRED])
        await town.until(lambda: f"{EFFECT}_count{LIGHT}" in lines(daemon))
        repaired = lines(daemon)

    assert drifting[DETECTED] == 1
    assert 0 < drifting['steersman_drift_detection_seconds_sum{kind="lamp"}'] < 5
    assert repaired[REPAIRED] == drifting[REPAIRED] + 1
    assert 0 < repaired[f"steersman_action_duration_seconds_sum{LIGHT}"] < 1
    assert repaired[f"{EFFECT}_sum{LIGHT}"] >= town.hall.operation_seconds


@virtual
async def test_a_refused_step_is_told_as_one_that_fails_again() -> None:
    town = Town()
    town.hall.refusals["a"] = OutsideError(ErrorClass.DENIED, "403", "not allowed")
    town.desire("a")
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: town.hall.calls > 0)
        await town.until(lambda: bool(town.events("Install")))
        found = lines(daemon)

    assert found['steersman_actions_total{action="Install",kind="lamp",result="error"}'] == 1
    assert found['steersman_reconcile_terminal_errors_total{controller="lamp"}'] == 1


@virtual
async def test_a_step_under_way_uses_up_a_budget() -> None:
    town = Town()
    town.desire("a", color="white")
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: town.ready("a"))
        assert lines(daemon)['steersman_disruption_budget_used{group="lamp/a"}'] == 0
        town.desire("a", color="red")
        await town.until(lambda: town.hall.under_way > 0)
        found = lines(daemon)

    assert found['steersman_disruption_budget_used{group="lamp/a"}'] == 1
    assert found['steersman_intents_pending{system="compute"}'] == 1
    assert found["steersman_active_workers"] == 1


@virtual
async def test_a_mistake_over_one_document_is_told_and_hides_nothing() -> None:
    town = Town()
    town.desire("a")
    town.desire("b", color="poison")
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: town.ready("a"))
        found = lines(daemon)

    assert found['steersman_reconcile_panics_total{controller="lamp"}'] > 0
    assert found['steersman_condition{kind="lamp",name="a",status="True",type="Ready"}'] == 1


def lines(daemon: Daemon) -> dict[str, float]:
    """The samples of a scrape, as they are written."""
    told = daemon.queries().metrics().decode().splitlines()
    pairs = (line.rpartition(" ") for line in told if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}
